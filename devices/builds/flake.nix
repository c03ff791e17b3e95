# Small stand-ins for Ghaf's build targets, under the names that those have: what builds a virtual builder can be tested with.
#
# Nothing is downloaded: the tools are this host's (no sandbox), kernel and busybox come out of the tiny images. Each is
# built in seconds. Those under `broken` go wrong in one way each, and the suites must find them out.
{
  outputs = { self }:
    let
      # Named with the hash of its recipe: another image is another input.
      tiny = arch: let path = builtins.getEnv "HIL_TINY_${arch}"; in
        if path == "" then throw "HIL_TINY_${arch} is not set: enter by devices/builds/enter, with --impure" else path;

      onHost = name: system: script: args: derivation ({
        inherit name system;
        builder = "/bin/sh";
        args = [ script ];
        PATH = "/usr/local/bin:/usr/bin:/bin:/usr/sbin:/sbin:/run/current-system/sw/bin";
        SOURCE_DATE_EPOCH = "315532800";
      } // args);

      # target: what it is an image for. runs: its program is run once it is built, as a test of it would be.
      image = name: system: target: args: onHost name system ./image.sh ({ inherit target; } // args);

      vm = name: more: onHost name "x86_64-linux" ./vm.sh { inherit more; image = tiny "AMD64"; };

      # Programs for aarch64: whoever runs them on another machine needs an emulator.
      busybox = onHost "busybox-aarch64" "x86_64-linux" ./busybox.sh { image = tiny "ARM64"; };
      foreign = { builder = "${busybox}/busybox"; args = [ "sh" ./image.sh ]; runs = "1"; };
    in
    {
      packages.x86_64-linux = {
        vm-debug-nogui = vm "vm-debug-nogui" "";
        generic-x86_64-debug = image "generic-x86_64-debug" "x86_64-linux" "x86_64" { runs = "1"; };
        nvidia-jetson-orin-agx-debug-from-x86_64 = image "orin-agx-from-x86_64" "x86_64-linux" "aarch64" { };
      };
      packages.aarch64-linux.nvidia-jetson-orin-agx-debug = image "orin-agx" "aarch64-linux" "aarch64" foreign;

      # A system for a twin to switch to, of the version that the environment names: see ./rebuild.
      system = onHost "nixos-system-ghaf-host-26.05" "x86_64-linux" ./system.sh {
        version = builtins.getEnv "HIL_SYSTEM_VERSION";
        activate = builtins.getEnv "HIL_SYSTEM_ACTIVATE";
      };

      broken = {
        vm-no-login = vm "vm-no-login" "hil.break=getty";
        vm-panics = vm "vm-panics" "rdinit=/no-such-program";
        x86_64-linux = {
          fails = image "fails" "x86_64-linux" "no-such-target" { };
          wrong-target = image "wrong-target" "x86_64-linux" "aarch64" { };
          unreproducible = image "unreproducible" "x86_64-linux" "x86_64" { noise = "1"; };
          # Says that it is built from x86_64, and needs a machine for aarch64 all the same.
          not-cross = image "not-cross" "x86_64-linux" "aarch64" {
            tool = image "tool" "aarch64-linux" "aarch64" foreign;
          };
          cross-unreproducible = image "cross-unreproducible" "x86_64-linux" "aarch64" { noise = "1"; };
          cross-wrong-target = image "cross-wrong-target" "x86_64-linux" "x86_64" { };
        };
        aarch64-linux = {
          # Would be built without any emulator.
          not-emulated = image "not-emulated" "x86_64-linux" "aarch64" { };
          emulated-wrong-target = image "emulated-wrong-target" "aarch64-linux" "x86_64" (foreign // { runs = ""; });
        };
      };
    };
}
