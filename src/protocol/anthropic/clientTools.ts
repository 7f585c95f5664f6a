/** Anthropic-defined tools that the client runs: only their type travels, the schema is implied (§1.4). */
import type { JsonObject } from "../json.ts"

export interface ClientTool {
  readonly name: string
  readonly description: string
  readonly schema: JsonObject
}

const text = { type: "string" } as const
const whole = { type: "integer" } as const
const flag = { type: "boolean" } as const
const point = { type: "array", items: whole, minItems: 2, maxItems: 2 } as const
const choice = (words: string) => ({ type: "string", enum: words.split(" ") })
const input = (required: ReadonlyArray<string>, properties: JsonObject): JsonObject => ({
  type: "object",
  properties,
  required
})

const editor = (commands: string) =>
  input(["command", "path"], {
    command: choice(commands),
    path: text,
    file_text: text,
    old_str: text,
    new_str: text,
    insert_line: whole,
    insert_text: text,
    view_range: point
  })

const editing =
  "View, create and edit files: view a path (view_range limits it to lines), create it with file_text, replace the one occurrence of old_str by new_str, insert insert_text after insert_line"

/** By tool type; the longest matching row wins, a row without a date serves every date. */
const rows: ReadonlyArray<readonly [type: string, tool: ClientTool]> = [
  [
    "bash",
    {
      name: "bash",
      description: "Run a command in a persistent shell; restart starts the shell anew",
      schema: input([], { command: text, restart: flag })
    }
  ],
  [
    "text_editor",
    {
      name: "str_replace_based_edit_tool",
      description: editing,
      schema: editor("view create str_replace insert")
    }
  ],
  ...["text_editor_20241022", "text_editor_20250124"].map(
    (type) =>
      [
        type,
        {
          name: "str_replace_editor",
          description: `${editing}, undo_edit takes the last edit of the path back`,
          schema: editor("view create str_replace insert undo_edit")
        }
      ] as const
  ),
  [
    "computer",
    {
      name: "computer",
      description: "Use the screen, mouse and keyboard of a computer; screenshot shows the screen",
      schema: input(["action"], {
        action: choice(
          "key hold_key type cursor_position mouse_move left_mouse_down left_mouse_up left_click left_click_drag " +
            "right_click middle_click double_click triple_click scroll wait screenshot zoom"
        ),
        coordinate: point,
        start_coordinate: point,
        duration: { type: "number" },
        scroll_amount: whole,
        scroll_direction: choice("up down left right"),
        text,
        region: { type: "array", items: whole, minItems: 4, maxItems: 4 }
      })
    }
  ],
  [
    "memory",
    {
      name: "memory",
      description:
        "Keep notes in a directory of files: view, create, str_replace, insert, delete or rename a path under it",
      schema: input(["command"], {
        command: choice("view create str_replace insert delete rename"),
        path: text,
        file_text: text,
        old_str: text,
        new_str: text,
        insert_line: whole,
        insert_text: text,
        old_path: text,
        new_path: text,
        view_range: point
      })
    }
  ]
]

/** The tool type without its date: `web_search_20250305` → `web_search`. */
export const undated = (type: string): string => type.replace(/_\d{8}$/, "")

/** The client tool of this type, whatever its date. */
export const clientTool = (type: string): ClientTool | undefined =>
  (rows.find(([row]) => row === type) ?? rows.find(([row]) => row === undated(type)))?.[1]
