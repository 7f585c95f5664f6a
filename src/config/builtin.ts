/** What exists without any configuration file. */
import { offlineScheme } from "../provider/endpoint.ts"
import { type Tree, treeOf } from "./tree.ts"

/** The name of the built-in profile, which needs no key and no network. */
export const demoProfile = "demo"

/** The lowest layer. A file may add to a built-in profile, like to any other. */
export const builtinTree: Tree = treeOf(
  {
    profiles: [
      {
        name: demoProfile,
        provider_type: "OpenAICompatible",
        base_url: offlineScheme,
        default_model: "demo",
        // else Claude Code warns that it does not know the model's window
        context_window: 200_000
      }
    ]
  },
  () => ({ layer: "builtin" })
)
