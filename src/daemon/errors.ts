/** What can go wrong between a client and the background gateway. `next` is a command to type. */
import { Data } from "effect"

/** The gateway did not come up. */
export class GatewayNotStarted extends Data.TaggedError("GatewayNotStarted")<{
  readonly reason: string
  readonly logFile: string
  /** The last lines of its log. */
  readonly log: ReadonlyArray<string>
}> {
  override get message(): string {
    const tail =
      this.log.length === 0 ? "" : `\nThe end of ${this.logFile}:\n${this.log.map((line) => `  ${line}`).join("\n")}`
    return `The gateway did not start: ${this.reason}${tail}`
  }
  get next(): string {
    return "claudex proxy start"
  }
}

/** Its process lives but does not answer. */
export class GatewaySilent extends Data.TaggedError("GatewaySilent")<{
  readonly pid: number
  readonly suspended?: boolean
}> {
  override get message(): string {
    return this.suspended === true
      ? `The gateway (process ${this.pid}) is suspended, as by Ctrl-Z in its terminal.`
      : `The gateway (process ${this.pid}) does not answer.`
  }
  get next(): string {
    return this.suspended === true ? `kill -CONT ${this.pid}` : "claudex proxy stop"
  }
}

/** A gateway of another version, with which this one shares no contract, is running. */
export class GatewayIncompatible extends Data.TaggedError("GatewayIncompatible")<{
  readonly running: string
  readonly own: string
}> {
  override get message(): string {
    return `The gateway that runs is of claudex ${this.running}, this is ${this.own}. Stopping it ends the sessions that use it.`
  }
  get next(): string {
    return "claudex proxy stop"
  }
}

/** The gateway was started with another client token than ours. */
export class GatewayForeignToken extends Data.TaggedError("GatewayForeignToken")<{ readonly variable: string }> {
  override get message(): string {
    return `The gateway that runs was started with another client token; give the same ${this.variable}, or restart it.`
  }
  get next(): string {
    return "claudex proxy stop"
  }
}

/** A gateway runs where a new one was asked for. */
export class GatewayAlreadyRuns extends Data.TaggedError("GatewayAlreadyRuns")<{
  readonly pid: number
  readonly url: string
}> {
  override get message(): string {
    return `A gateway runs already: ${this.url} (process ${this.pid}).`
  }
  get next(): string {
    return "claudex proxy stop"
  }
}

/** The address to listen on is taken by another program. */
export class AddressTaken extends Data.TaggedError("AddressTaken")<{ readonly host: string; readonly port: number }> {
  override get message(): string {
    return `Port ${this.port} on ${this.host} is used by another program.`
  }
  get next(): string {
    return "claudex proxy start --port 0"
  }
}

/** The gateway cannot listen there, for any other reason. */
export class CannotListen extends Data.TaggedError("CannotListen")<{
  readonly host: string
  readonly port: number
  readonly reason: string
}> {
  override get message(): string {
    return `The gateway cannot listen on ${this.host}, port ${this.port}: ${this.reason}.`
  }
  get next(): string {
    return "claudex config path"
  }
}
