/** Providers as data: which policy, endpoint and window belong to a profile and a model. */

export { chatEndpoint, responsesEndpoint, type Endpoint, type EndpointFault } from "../provider/endpoint.ts"
export { policyFor, type Spoken } from "../provider/quirks.ts"
export { contextWindowOf, modelInfo, outputLimitOf } from "../provider/catalog.ts"
