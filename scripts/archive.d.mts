/** See archive.mjs. */
export declare const packed: (files: ReadonlyMap<string, Uint8Array>) => Buffer
export declare const unpacked: (archive: Buffer) => Map<string, Buffer>
