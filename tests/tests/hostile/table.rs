//! The table: what every attack comes to. There is no attack without a row.

use ww_tests::attacks::Attack;

use crate::outcome::{Allowed, Outcome, Reader};

/// Of either side's.
const CAPABILITIES: &str = "capabilities: the limit is 16384 of the host's, and as many of the guest's";

/// None leads anywhere.
const WAYS_OUT: &str = r#""..": not-permitted
"../etc/passwd": not-permitted
"tmp/../../etc/passwd": not-permitted
"/etc/passwd": not-permitted
"tmp/loop": loop
"tmp/a": loop
"tmp/up": not-permitted
"tmp/host": no-entry
"proc/self/environ": no-entry
"proc/self/fd/0": no-entry
"dev/zero": no-entry
"tmp/\0": invalid
"\0": invalid
"": no-entry
xxxxxxxx… of 4096 bytes: name-too-long
tmp/tmp/… of 4100 bytes: name-too-long
"#;

pub(crate) fn outcome(attack: Attack) -> Outcome {
    match attack {
        Attack::EndlessLoop => {
            Outcome::limit("processor time: the limit is 300ms; --limit cpu=… changes it").allowing(Allowed::Cpu(300))
        }
        Attack::EndlessLoopOnTheClock | Attack::EndlessSleep => {
            Outcome::limit("wall-clock time: the limit is 300ms; --limit wall=… changes it")
                .allowing(Allowed::Wall(300))
        }
        Attack::EndlessRecursion => Outcome::trap("call stack exhausted, the limit is 512 KiB"),
        Attack::EndlessRecursionWithFrames => Outcome::trap("out of bounds memory access"),
        Attack::MemoryAtOnce => Outcome::trap(
            "wasm `unreachable` instruction executed, after a limit was reached: memory: it asked for 1 GiB, the limit is \
             256 MiB; --limit memory=… changes it",
        ),
        Attack::MemoryInSteps => Outcome::trap(
            "wasm `unreachable` instruction executed, after a limit was reached: memory: it asked for 64.1 MiB, the \
             limit is 64 MiB; --limit memory=… changes it",
        )
        .allowing(Allowed::Memory(64)),
        Attack::MemoryRefused => Outcome::harmless("refused\ngiven\n"),
        Attack::Flood => Outcome::limit("processor time: the limit is 50ms; --limit cpu=… changes it")
            .allowing(Allowed::Cpu(50))
            .after("x…"),
        Attack::FloodUnread => Outcome::limit("wall-clock time: the limit is 300ms; --limit wall=… changes it")
            .allowing(Allowed::Wall(300))
            .read_by(Reader::Asleep),
        Attack::FloodClosed => Outcome::harmless("").read_by(Reader::Gone),
        Attack::CallFlood => {
            Outcome::limit("processor time: the limit is 300ms; --limit cpu=… changes it").allowing(Allowed::Cpu(300))
        }
        Attack::CallsHeld => Outcome::harmless(
            "0 done, 8192 pending, 1808 failed: this guest has 8192 calls pending, which is the limit\n\
             and is not served: failed: this guest has 8192 calls pending, which is the limit\n",
        ),
        Attack::Capabilities | Attack::CapabilitiesOfItsOwn => Outcome::limit(CAPABILITIES),
        Attack::CapabilitiesInTurn => Outcome::harmless("all are given\n"),
        Attack::CapabilitiesAtOnce => {
            Outcome::harmless("failed: message refused: 100000 capabilities, the limit is 4096\n")
        }
        Attack::RestrictedAgain => {
            Outcome::harmless("16 were made, then this capability was restricted 16 times, which is the limit\n")
        }
        Attack::Pipeline => Outcome::harmless(
            "65 were made, then call refused: it hangs on 65 promises, the limit is 64\nand is served\n",
        ),
        Attack::Results => Outcome::limit("results: more wait to be fetched than 8 MiB, the limit")
            .after("0 done, 100 pending, 0 failed\n"),
        Attack::ForgedHandles => Outcome::harmless(
            "called: 0 done, 0 pending, 20000 failed: there is no object 1\n\
             sent: 0 done, 0 pending, 19998 failed: there is no object 1\n\
             and is served\n",
        ),
        Attack::StaleHandles => {
            Outcome::harmless("failed: there is no object 1\nfailed: there is no object 1\ndone\nand is served\n")
        }
        Attack::ForgedCalls => Outcome::harmless("failed: there is no pending call 7\n1 events\nand is served\n"),
        Attack::Malformed => Outcome::harmless(
            "graft: 1218 done, 0 pending, 8787 failed: Message contains non-struct pointer where struct pointer was \
             expected.\n\
             restrict: 0 done, 0 pending, 10005 failed: Message contains non-struct pointer where struct pointer was \
             expected.\n\
             and is served\n",
        ),
        Attack::Pollables => Outcome::limit("resources: the limit is 10000 at once"),
        Attack::WrongOrder => Outcome::trap("resource has children"),
        Attack::BothInterfaces => {
            Outcome::trap("a guest uses wetware:cell/calls or wetware:cell/connection, not both").after("done\n")
        }
        Attack::RandomBytes => Outcome::limit("random bytes: the limit is 1 MiB in one call"),
        Attack::LongMessage | Attack::ManySegments => {
            Outcome::limit("host call: one call passed more than the host takes at once, the limit is 16 MiB")
        }
        Attack::Releases => Outcome::limit("releases: 100000 in one wait, the limit is 32768"),
        Attack::RpcAnnounced => Outcome::limit("connection: message refused: 8388608 words, the limit is 147456"),
        Attack::RpcSilent => Outcome::limit("wall-clock time: the limit is 300ms; --limit wall=… changes it")
            .allowing(Allowed::Wall(300)),
        Attack::RpcRandom => Outcome::limit("connection: message refused: 200494510 segments, the limit is 512"),
        Attack::RpcRandomMessages | Attack::RpcFarPointers | Attack::RpcNested | Attack::RpcForged => {
            Outcome::harmless("answered\n")
        }
        Attack::RpcCalls | Attack::RpcPipeline => {
            Outcome::limit("connection: the guest has 8193 calls outstanding, the limit is 8192")
        }
        Attack::RpcCapabilities => {
            Outcome::limit("connection: the guest has 16385 objects of the host's, the limit is 16384")
        }
        Attack::RpcPromises => {
            Outcome::limit("connection: the guest has 65 promises of promises in a row, the limit is 64")
        }
        Attack::RpcDeaf => Outcome::limit("connection: the guest has 8394216 bytes unread, the limit is 8388608"),
        Attack::RpcTwice => Outcome::trap("wetware:cell/connection: a guest connects once"),
        Attack::RpcHangsUp => Outcome::harmless(""),
        Attack::PanicsAtOnce | Attack::PanicsInCalls | Attack::PanicsConnected => {
            Outcome::trap("wasm `unreachable` instruction executed")
        }
        Attack::ExitsInCalls => Outcome::harmless("leaves\n"),
        Attack::FilesOpen => Outcome::harmless("128 open, 9872 refused: quota\n"),
        Attack::FilesFull => Outcome::harmless(
            "16384 KiB, then insufficient-space\nanother file: Ok(())\n16384 KiB, then insufficient-space\n",
        )
        .allowing(Allowed::Disk(16)),
        Attack::FilesWaysOut => Outcome::harmless(WAYS_OUT),
        Attack::Promises => {
            Outcome::harmless("failed: 65 promises turned out to be one another, the limit is 64\nand is served\n")
        }
    }
}
