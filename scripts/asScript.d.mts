/** See asScript.mjs. */
export declare const scriptBody: (code: string, name: string) => string
export declare const asScript: (body: string) => string
export declare const circles: (
  chunks: ReadonlyArray<{ readonly fileName: string; readonly imports: ReadonlyArray<string> }>
) => ReadonlyArray<string>
