/** A certificate of a CA that nobody knows, for a server of that CA's own: X.509 v3 with an elliptic key (RFC 5280). */
import { generateKeyPairSync, sign } from "node:crypto"

const der = (tag: number, ...parts: ReadonlyArray<Uint8Array>): Uint8Array => {
  const body = Buffer.concat(parts)
  const size = body.length < 0x80 ? [body.length] : [0x82, body.length >> 8, body.length & 0xff]
  return Buffer.concat([Buffer.from([tag, ...size]), body])
}

const sequence = (...parts: ReadonlyArray<Uint8Array>) => der(0x30, ...parts)
const bytes = (...values: ReadonlyArray<number>) => Buffer.from(values)
const text = (tag: number, value: string) => der(tag, Buffer.from(value))
const yes = der(0x01, bytes(0xff))

const commonName = der(0x06, bytes(0x55, 0x04, 0x03))
const basicConstraints = der(0x06, bytes(0x55, 0x1d, 0x13))
const alternativeName = der(0x06, bytes(0x55, 0x1d, 0x11))
const ecdsaWithSha256 = sequence(der(0x06, bytes(0x2a, 0x86, 0x48, 0xce, 0x3d, 0x04, 0x03, 0x02)))

const pem = (body: Uint8Array): string =>
  ["-----BEGIN CERTIFICATE-----", Buffer.from(body).toString("base64"), "-----END CERTIFICATE-----", ""].join("\n")

/** For a server of this name, until 2049; both as PEM. */
export const certificateFor = (host: string): { readonly cert: string; readonly key: string } => {
  const { privateKey, publicKey } = generateKeyPairSync("ec", { namedCurve: "P-256" })
  const name = sequence(der(0x31, sequence(commonName, text(0x0c, host))))
  const content = sequence(
    der(0xa0, der(0x02, bytes(2))),
    der(0x02, bytes(1)),
    ecdsaWithSha256,
    name,
    sequence(text(0x17, "200101000000Z"), text(0x17, "490101000000Z")),
    name,
    publicKey.export({ type: "spki", format: "der" }),
    der(
      0xa3,
      sequence(
        sequence(basicConstraints, yes, der(0x04, sequence(yes))),
        sequence(alternativeName, der(0x04, sequence(text(0x82, host))))
      )
    )
  )
  const signature = sign("sha256", content, privateKey)
  return {
    cert: pem(sequence(content, ecdsaWithSha256, der(0x03, bytes(0), signature))),
    key: privateKey.export({ type: "pkcs8", format: "pem" }).toString()
  }
}
