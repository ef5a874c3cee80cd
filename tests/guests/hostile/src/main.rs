//! A guest that attacks its node: its argument names the attack. What it finds out goes to its standard output, for the
//! test to compare.

#[allow(unreachable_pub, reason = "the tests' library has it too, and there it is public")]
mod attacks;
mod computing;
mod memory;
mod output;

use crate::attacks::Attack;

fn main() {
    let switch = std::env::args().nth(1).unwrap_or_default();
    let attack = Attack::ALL.iter().find(|attack| attack.switch() == switch);
    run(*attack.unwrap_or_else(|| panic!("no such attack: {switch:?}")));
}

fn run(attack: Attack) {
    match attack {
        Attack::EndlessLoop | Attack::EndlessLoopOnTheClock => computing::endless_loop(),
        Attack::EndlessSleep => computing::endless_sleep(),
        Attack::EndlessRecursion => computing::endless_recursion(),
        Attack::EndlessRecursionWithFrames => computing::endless_recursion_with_frames(),
        Attack::MemoryAtOnce => memory::at_once(),
        Attack::MemoryInSteps => memory::in_steps(),
        Attack::MemoryRefused => memory::refused(),
        Attack::Flood | Attack::FloodUnread | Attack::FloodClosed => output::flood(),
    }
}
