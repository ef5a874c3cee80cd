//! The table: what every attack comes to. There is no attack without a row.

use ww_tests::attacks::Attack;

use crate::outcome::{Allowed, Outcome, Reader};

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
    }
}
