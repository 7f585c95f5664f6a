/** Records of requests that never were. */
import type { RequestRecord } from "../../src/domain/RequestRecord.ts"

export const attempt = (
  fields: Partial<RequestRecord["attempts"][number]> = {}
): RequestRecord["attempts"][number] => ({
  profile: "p",
  model: "m",
  reason: "the client's profile",
  started: 1_000,
  duration_ms: 900,
  outcome: "answered",
  ...fields
})

/** A request that was answered, unless the fields say otherwise. */
export const record = (fields: Partial<RequestRecord> = {}): RequestRecord => ({
  id: "req_1",
  time: 1_000,
  profile: "p",
  asked: "claude-sonnet-4-5",
  served_by: "p",
  served: "m",
  stream: true,
  status: 200,
  attempts: [attempt()],
  losses: [],
  duration_ms: 1_000,
  client_gone: false,
  ...fields
})
