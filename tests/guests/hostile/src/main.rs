//! A guest that attacks its node: its argument names the attack. What it finds out goes to its standard output, for the
//! test to compare; nothing of the SDK stands in its way. As `neighbour` it attacks nobody.

#[allow(unreachable_pub, reason = "the tests' library has it too, and there it is public")]
mod attacks;
mod calls;
mod computing;
mod ending;
mod files;
mod handles;
mod memory;
mod neighbour;
mod noise;
mod objects;
mod output;
mod raw;
mod resources;
mod rpc;
#[path = "../../../tests/connection/says.rs"]
mod says;
mod streams;
mod tally;

use crate::attacks::Attack;

mod bindings {
    #![allow(missing_docs, reason = "generated code")]
    #![allow(clippy::all, clippy::allow_attributes_without_reason, reason = "generated code")]

    wit_bindgen::generate!({ path: "../../../wit", world: "wetware:cell/cell", generate_all });
}

fn main() {
    // As a provider it has no argument, and goes by the name of the attack.
    let switch = std::env::args().next_back().unwrap_or_default().replace('-', "_");
    if switch == "neighbour" {
        return neighbour::run();
    }
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
        Attack::CallFlood => calls::flood(),
        Attack::CallsHeld => calls::held(),
        Attack::Capabilities => calls::capabilities(),
        Attack::CapabilitiesInTurn => calls::capabilities_in_turn(),
        Attack::CapabilitiesAtOnce => calls::capabilities_at_once(),
        Attack::CapabilitiesOfItsOwn => calls::capabilities_of_its_own(),
        Attack::RestrictedAgain => calls::restricted_again(),
        Attack::Pipeline => calls::pipeline(),
        Attack::Results => calls::results(),
        Attack::ForgedHandles => handles::forged(),
        Attack::StaleHandles => handles::stale(),
        Attack::ForgedCalls => handles::calls(),
        Attack::Malformed => handles::malformed(),
        Attack::Pollables => resources::pollables(),
        Attack::WrongOrder => resources::wrong_order(),
        Attack::BothInterfaces => resources::both_interfaces(),
        Attack::RandomBytes => resources::random_bytes(),
        Attack::LongMessage => resources::long_message(),
        Attack::ManySegments => resources::many_segments(),
        Attack::Releases => resources::releases(),
        Attack::RpcAnnounced => rpc::announced(),
        Attack::RpcSilent => rpc::silent(),
        Attack::RpcRandom => rpc::random(),
        Attack::RpcRandomMessages => rpc::random_messages(),
        Attack::RpcFarPointers => rpc::far_pointers(),
        Attack::RpcNested => rpc::nested(),
        Attack::RpcCalls => rpc::calls(),
        Attack::RpcCapabilities => rpc::capabilities(),
        Attack::RpcPipeline => rpc::pipeline(),
        Attack::RpcPromises => rpc::promises(),
        Attack::RpcDeaf => rpc::deaf(),
        Attack::RpcTwice => rpc::twice(),
        Attack::RpcHangsUp => rpc::hangs_up(),
        Attack::RpcForged => rpc::forged(),
        Attack::PanicsAtOnce => ending::panics_at_once(),
        Attack::PanicsInCalls => ending::panics_in_calls(),
        Attack::PanicsConnected => ending::panics_connected(),
        Attack::ExitsInCalls => ending::exits_in_calls(),
        Attack::FilesOpen => files::many(),
        Attack::FilesFull => files::full(),
        Attack::FilesWaysOut => files::ways_out(),
        Attack::Promises => calls::promises(),
    }
}
