/** Records that servers send only to keep the connection open. */
const words = /^[\s:.]*(ping|keep[-_ ]?alive|heartbeat|openrouter processing)?[\s:.]*$/i

/** Whether a record that is no JSON means nothing. */
export const isKeepAlive = (text: string): boolean => words.test(text)
