/** The Responses wire as we emit it. What comes from outside is read leniently and has no closed type. */
import type { JsonObject } from "../json.ts"

/** A part of what the model is given. */
export type InputPart =
  | { readonly type: "input_text"; readonly text: string }
  | { readonly type: "input_image"; readonly image_url: string; readonly detail: "auto" }
  | { readonly type: "input_file"; readonly filename: string; readonly file_data: string }
  | { readonly type: "input_file"; readonly file_url: string }

/** A text of the model, in the history. */
export interface OutputText {
  readonly type: "output_text"
  readonly text: string
}

/** What a provider wants back as it wrote it: a `reasoning` or a `web_search_call`. */
export type OpaqueItem = { readonly type: "reasoning" | "web_search_call" } & JsonObject

/** An item of the history. */
export type InputItem =
  | { readonly type: "message"; readonly role: "user" | "developer"; readonly content: ReadonlyArray<InputPart> }
  | {
      readonly type: "message"
      readonly role: "assistant"
      readonly content: ReadonlyArray<OutputText>
      readonly phase?: "commentary" | "final_answer"
    }
  | { readonly type: "function_call"; readonly call_id: string; readonly name: string; readonly arguments: string }
  | {
      readonly type: "function_call_output"
      readonly call_id: string
      readonly output: string | ReadonlyArray<InputPart>
    }
  | OpaqueItem

/** A tool of the client; `parameters` is a JSON Schema. */
export interface ResponsesFunction {
  readonly type: "function"
  readonly name: string
  readonly description?: string
  readonly parameters: JsonObject
  /** Always said: left out, the service tries strict mode on its own. */
  readonly strict: boolean
}

/** The provider's own search. */
export interface ResponsesSearch {
  readonly type: "web_search"
  readonly filters?: { readonly allowed_domains: ReadonlyArray<string> }
  readonly user_location?: JsonObject
}

/** A tool that the model may call. */
export type ResponsesTool = ResponsesFunction | ResponsesSearch

/** Whether the model has to call tools, and which. */
export type ResponsesToolChoice =
  | "auto"
  | "none"
  | "required"
  | { readonly type: "function"; readonly name: string }
  | { readonly type: "web_search" }

/** The body of `POST /responses`. */
export interface ResponsesRequest {
  readonly model: string
  readonly instructions?: string
  readonly input: ReadonlyArray<InputItem>
  readonly tools?: ReadonlyArray<ResponsesTool>
  readonly tool_choice?: ResponsesToolChoice
  readonly parallel_tool_calls?: boolean
  readonly max_output_tokens?: number
  readonly temperature?: number
  readonly top_p?: number
  readonly reasoning?: { readonly effort?: string; readonly summary?: "auto" }
  readonly text?: { readonly format: JsonObject }
  readonly stream?: true
  /** Never kept by the provider: the client sends the whole conversation each time. */
  readonly store: false
  readonly include?: ReadonlyArray<string>
  readonly service_tier?: "priority"
  readonly prompt_cache_key?: string
}
