{
  description = "claudex: run Claude Code against any model provider";

  inputs.nixpkgs.url = "github:NixOS/nixpkgs/nixos-25.11";

  outputs =
    { self, nixpkgs }:
    let
      inherit (nixpkgs) lib;
      systems = [
        "x86_64-linux"
        "aarch64-linux"
        "x86_64-darwin"
        "aarch64-darwin"
      ];
      forAllSystems = make: lib.genAttrs systems (system: make nixpkgs.legacyPackages.${system});

      manifest = lib.importJSON ./package.json;
      lock = lib.importJSON ./package-lock.json;

      # The lock file names packages and their hashes but no address; npm itself knows where to get them, and the hash
      # makes it a fixed output: nothing else has to be updated when a dependency changes.
      tarball =
        pkgs: path: module:
        let
          name = module.name or (lib.last (lib.splitString "node_modules/" path));
        in
        pkgs.runCommand "${lib.strings.sanitizeDerivationName name}-${module.version}.tgz"
          {
            nativeBuildInputs = [ pkgs.nodejs_20 ];
            impureEnvVars = lib.fetchers.proxyImpureEnvVars;
            outputHashMode = "flat";
            outputHashAlgo = null;
            outputHash = module.integrity;
          }
          ''
            export HOME=$TMPDIR
            mv "$(npm pack --silent --ignore-scripts ${lib.escapeShellArg "${name}@${module.version}"})" $out
          '';
    in
    {
      packages = forAllSystems (pkgs: {
        default = pkgs.buildNpmPackage {
          pname = manifest.name;
          inherit (manifest) version;
          src = self;
          nodejs = pkgs.nodejs_20;
          npmDeps = pkgs.importNpmLock {
            npmRoot = self;
            packageSourceOverrides = lib.mapAttrs (tarball pkgs) (lib.filterAttrs (path: _: path != "") lock.packages);
          };
          npmConfigHook = pkgs.importNpmLock.npmConfigHook;
          npmFlags = [ "--ignore-scripts" ];
          nativeBuildInputs = [ pkgs.makeWrapper ];

          # the command is one bundle: it needs Node and nothing else
          installPhase = ''
            runHook preInstall
            mkdir -p $out/bin $out/lib/claudex
            cp -r package.json dist config.example.toml config.schema.json $out/lib/claudex/
            makeWrapper ${lib.getExe pkgs.nodejs_20} $out/bin/claudex \
              --add-flags $out/lib/claudex/dist/bin/claudex.cjs
            runHook postInstall
          '';
          doInstallCheck = true;
          installCheckPhase = "$out/bin/claudex --version";

          meta = {
            inherit (manifest) description;
            license = lib.licenses.mit;
            mainProgram = "claudex";
          };
        };
      });

      devShells = forAllSystems (pkgs: {
        default = pkgs.mkShell { packages = [ pkgs.nodejs_20 ]; };
      });
    };
}
