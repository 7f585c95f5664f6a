/** What tests of programs that use claudex need: fake upstreams as layers, generators, scripted answers. */
export {}
