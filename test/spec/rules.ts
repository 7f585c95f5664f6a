/**
 * The rules of the wire specification that a translation has to keep, one line per row of its tables and per item of
 * its lists, and behind them what users of gateways complain about (test/problems). Each has a test whose name begins
 * with the rule's id in brackets: `[4.2.1 stop_sequences] …`, `[problem 7] …`. Several ids may stand in one name.
 * `npm run spec:coverage` prints the rules with their tests.
 */

export interface Rule {
  readonly id: string
  /** The rule in a few words. */
  readonly rule: string
}

const section = (prefix: string, rows: ReadonlyArray<readonly [key: string, rule: string]>): ReadonlyArray<Rule> =>
  rows.map(([key, rule]) => ({ id: `${prefix} ${key}`, rule }))

const streaming = [
  "framing: any cut, any line end, errors as events or fields, [DONE], records up to 32 MB",
  "a body that is no event stream is read as what it is",
  "nothing is committed before the upstream decides",
  "message_start exactly once, with all usage keys",
  "content and finish of one chunk are both honoured; alternatives are ignored",
  "at most one open block; empty strings open none; one signature before thinking closes",
  "calls by index, id, name; one streams live, the others wait; no text is lost",
  "a closed call is empty, a whole object, cut by length, or a failure",
  "the last usage seen anywhere, never summed",
  "one message_delta after the finish, when usage had its chance",
  "an end without a finish is an error, [DONE] after output is a stop",
  "an error object in the stream is an error event",
  "pings, backpressure, and the client's end ends the upstream"
]

/** Complaints about translation, in the order of the list of users' problems. */
const problems = [
  "anthropic-beta values are refused",
  "context_management and output_config are refused",
  "a system turn in the middle is refused, or becomes an answer",
  "a system turn in the middle destroys the cache",
  "calls without results, results without calls",
  "thinking was expected and text found",
  "a signature of another provider or model is invalid",
  "Gemini misses its thought_signature",
  "schema keywords are refused",
  "reasoning_content must be replayed; effort and thinking exclude each other",
  "effort words are dropped or refused",
  "a call ends with end_turn",
  "parallel calls land in the wrong block",
  "arguments are empty, truncated or only in the done event",
  "optional arguments come as empty strings",
  "calls are written as text",
  "empty text blocks",
  "images of tool results are dropped",
  "documents are dropped",
  "a history of images makes each turn fail",
  "the limit on request bodies is too small",
  "web search finds nothing, or is an unknown tool",
  "deferred tools and tool search are lost",
  "token limits and sampling under names the model refuses",
  "max_tokens above the model's limit",
  "tool names and ids that somebody refuses",
  "cache marks in forbidden number or places",
  "the attribution header destroys the cache",
  "characters are cut between chunks",
  "structured output is refused or ignored",
  "Claude models at OpenRouter are never cached",
  "reasoning and cache of Responses are lost between turns",
  "usage is zero or missing"
]

export const rules: ReadonlyArray<Rule> = [
  ...section("4.2.1", [
    ["model", "strips [1m], applies slot and alias"],
    ["max_tokens", "max_completion_tokens or max_tokens, never both, capped by the profile"],
    ["system", "first message, one string, segments joined by a blank line"],
    ["messages", "messages stay in order"],
    ["stream", "stream with include_usage; both left out when false"],
    ["stop_sequences", "the first four are sent, the rest is enforced; none for models that refuse stop"],
    ["temperature", "unchanged; dropped for reasoning models"],
    ["top_p", "unchanged; dropped for reasoning models"],
    ["top_k", "dropped unless the provider takes it"],
    ["tools", "functions; the key is left out when none is left"],
    ["tool_choice", "auto, required, function, none; downgraded where the provider takes less"],
    ["disable_parallel_tool_use", "parallel_tool_calls:false, only with tools"],
    ["thinking", "reasoning_effort or the provider's field"],
    ["output_config.format", "response_format"],
    ["metadata.user_id", "never sent; its session feeds prompt_cache_key"],
    ["x-claude-code-session-id", "prompt_cache_key, or the provider's own header"],
    ["service_tier", "speed fast is the priority tier where there is one; the rest is dropped"],
    ["first-party fields", "container, context_management, mcp_servers and the like are dropped"],
    ["unknown", "dropped"]
  ]),
  ...section("4.2.2", [
    ["text", "texts of an answer are one string; a gap where something stood between"],
    ["tool_use", "tool_calls in block order, in the same message as the text"],
    ["reasoning", "an own envelope goes back as the provider wants it"],
    ["user text", "only text is one string, joined by line breaks; else parts in order"],
    ["image", "a data URL or the URL; a note for models that read no images"],
    ["document", "text, file part or text of the PDF; nothing is silently left out"],
    ["search_result", "title, source and text"],
    ["tool_result", "a tool message; its content is never null"],
    ["tool_result json", "JSON that is no list of blocks is written down"],
    ["is_error", "Error: before the text"],
    ["tool_result media", "images and files of a result are shown, behind it or in it"],
    ["tool_result order", "directly behind its call, before any other user content"]
  ]),
  ...section("4.2.3", [
    ["custom", "a function with an adapted schema; strict only where supported; examples in the description"],
    ["client tools", "functions with the implied schema"],
    ["web_search", "the provider's own search, or left out"],
    ["server tools", "other server tools are never functions"],
    ["duplicates", "the first of one name is kept"],
    ["128 tools", "more than 128 tools pass"]
  ]),
  ...section("4.3", [
    ["error", "an error in the body, or no usable choice, is a failure"],
    ["id", "a new msg_ id"],
    ["model", "the model string of the client"],
    ["reasoning", "one thinking block first; the first source that holds text, never two"],
    ["content", "text; parts are joined; empty is no block"],
    ["annotations", "nothing, or a list of sources"],
    ["refusal", "text, stop reason refusal, explanation"],
    ["tool_calls", "tool_use blocks in order"],
    ["function_call", "one tool_use with an id of its own"],
    ["choices", "texts and calls of split choices are joined; alternatives are not"],
    ["nothing", "no content is content: []"],
    ["usage", "as in 4.12"],
    ["arguments", "an object, else {}; never half a command"],
    ["name", "the exact inverse, else a unique case-insensitive match, else as it is; nameless calls are dropped"],
    ["post-processing", "optional empty strings are left out of calls where the policy says so"],
    ["stop length", "length is max_tokens, also with calls and refusals"],
    ["stop filter", "a filter or refusal is refusal"],
    ["stop calls", "calls are tool_use, whatever the finish word"],
    ["stop sequence", "a named stop sequence is stop_sequence; a plain stop is never guessed to be one"],
    ["stop end_turn", "stop, eos, unknown words, or calls of which none survived"],
    ["stop failure", "error, network_error, abort, out of resources are failures"]
  ]),
  ...streaming.map((rule, index) => ({ id: `4.4.${index + 1}`, rule })),
  ...section("4.5", [
    ["system", "instructions"],
    ["max_tokens", "max_output_tokens, at least the provider's least"],
    ["messages", "items"],
    ["stop_sequences", "enforced on the text"],
    ["temperature", "same names; dropped for reasoning models"],
    ["top_k", "dropped"],
    ["tools", "flat functions with strict said"],
    ["tool_choice", "auto, none, required, function, web_search"],
    ["disable_parallel_tool_use", "parallel_tool_calls:false"],
    ["thinking", "reasoning with effort and summary"],
    ["output_config.format", "text.format"],
    ["stream", "stream"],
    ["session", "prompt_cache_key of at most 64 characters"],
    ["always", "store:false and encrypted reasoning"],
    ["user content", "input_text, input_image, input_file in shared messages that results split"],
    ["assistant text", "output_text; order among calls and reasoning is kept"],
    ["tool_use", "function_call"],
    ["tool_result", "function_call_output, media natively; errors as in Chat"],
    ["reasoning", "own envelopes before what followed them; foreign or trailing ones are dropped"],
    ["mid-conversation system", "a developer item"]
  ]),
  ...section("4.6", [
    ["reasoning", "thinking with an envelope, or redacted_thinking without text"],
    ["message", "text per part, refusals as text and stop"],
    ["function_call", "tool_use by call_id"],
    ["custom_tool_call", "tool_use with { input }"],
    ["web_search_call", "server tool blocks"],
    ["unknown", "unknown items are ignored"],
    ["stop", "incomplete, filter, refusal, calls, end_turn"],
    ["failed", "failed, cancelled or an error is a failure under any status"],
    ["usage", "as in 4.12"],
    ["model", "the model string of the client"]
  ]),
  ...section("4.7", [
    ["response.created", "late commit; repeats are ignored"],
    ["output_item.added reasoning", "no block before text; its encrypted content is ignored"],
    ["reasoning_summary_part.added", "parts after the first are set apart by a blank line"],
    ["reasoning deltas", "summary text, else reasoning text"],
    ["output_item.done reasoning", "the item's summary if nothing was streamed; one seal from this item"],
    ["output_item.added message", "nothing visible"],
    ["output_text.delta", "text; a complete call is closed before it"],
    ["output_text.done", "only what was not sent yet"],
    ["refusal", "text and refusal stop"],
    ["output_item.added function_call", "the call starts"],
    ["function_call_arguments.delta", "arguments; unknown items wait for their name"],
    ["function_call_arguments.done", "the missing rest, once"],
    ["custom_tool_call_input", "wrapped as { input }"],
    ["web_search_call", "both blocks when it is done"],
    ["output_item.done unknown", "ignored"],
    ["response.completed", "what was not emitted yet, usage, stop"],
    ["response.incomplete", "the same with its reason"],
    ["response.failed", "an error"],
    ["codex.rate_limits", "a limit that is reached before the commit is a 429"],
    ["end without a terminal event", "an error"],
    ["annotations", "as in 4.3"]
  ]),
  ...problems.map((rule, index) => ({ id: `problem ${index + 1}`, rule }))
]
