/** Credentials as providers repeat them. */
import { FastCheck as fc } from "effect"

const secretLetters = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789"
const secretBody = fc
  .array(fc.constantFrom(...secretLetters.split("")), { minLength: 20, maxLength: 60 })
  .map((letters) => `${letters.join("")}7Q`)

/** A secret, and the text in which a provider shows it. */
export const planted = fc
  .tuple(
    secretBody,
    fc.constantFrom<(secret: string) => readonly [secret: string, shown: string]>(
      (secret) => [`sk-${secret}`, `sk-${secret}`],
      (secret) => [`sk-ant-api03-${secret}`, `"sk-ant-api03-${secret}"`],
      (secret) => [`xai-${secret}`, `xai-${secret}`],
      (secret) => [`gsk_${secret}`, `(gsk_${secret})`],
      (secret) => [`AIza${secret}`, `AIza${secret}`],
      (secret) => [`ghp_${secret}`, `ghp_${secret}`],
      (secret) => [secret, `Authorization: Bearer ${secret}`],
      (secret) => [secret, `bearer ${secret}`],
      (secret) => [secret, `x-api-key: ${secret}`],
      (secret) => [secret, `{"api_key":"${secret}"}`],
      (secret) => [secret, `{\\"apiKey\\": \\"${secret}\\"}`],
      (secret) => [secret, `api-key=${secret}`],
      (secret) => [secret, `'Authorization': '${secret}'`],
      (secret) => [secret, `Incorrect API key provided: ${secret}.`],
      (secret) => [secret, `https://host.example/v1/models?key=${secret}&alt=sse`],
      (secret) => [secret, `https://host.example/v1?a=b&access_token=${secret}`],
      (secret) => [secret, `https://user:${secret}@host.example/v1`]
    )
  )
  .map(([secret, show]) => show(secret))
