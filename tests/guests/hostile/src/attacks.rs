//! The list of all attacks. It is the guest's and its tests': a switch that either of them does not know does not compile.

/// Calls `$callback!` with every attack: `Name = switch,`, with what it does in its documentation.
#[macro_export]
macro_rules! each_attack {
    ($callback:ident) => {
        $callback! {
            /// Computes for ever.
            EndlessLoop = endless_loop,
            /// Computes for ever, where only the time on the wall is limited.
            EndlessLoopOnTheClock = endless_loop_on_the_clock,
            /// Waits for ever.
            EndlessSleep = endless_sleep,
            /// Calls itself for ever.
            EndlessRecursion = endless_recursion,
            /// The same, with something in memory each time.
            EndlessRecursionWithFrames = endless_recursion_with_frames,
            /// Asks for more memory than there is, in one step.
            MemoryAtOnce = memory_at_once,
            /// Takes all the memory that it gets, a mebibyte a step.
            MemoryInSteps = memory_in_steps,
            /// Asks for more than there is, and lives on without it.
            MemoryRefused = memory_refused,
            /// Writes to its standard output for ever.
            Flood = flood,
            /// The same, where nobody reads.
            FloodUnread = flood_unread,
            /// The same, where nobody can read any more.
            FloodClosed = flood_closed,
            /// Calls, for ever.
            CallFlood = call_flood,
            /// Makes 10,000 calls that nobody answers.
            CallsHeld = calls_held,
            /// Asks for 200,000 objects of the host's, and keeps them.
            Capabilities = capabilities,
            /// Asks for as many, and gives each back.
            CapabilitiesInTurn = capabilities_in_turn,
            /// Sends 100,000 objects of its own in one message.
            CapabilitiesAtOnce = capabilities_at_once,
            /// Sends as many in messages of 1,000, which the host has to keep.
            CapabilitiesOfItsOwn = capabilities_of_its_own,
            /// Restricts what is restricted, 100,000 times.
            RestrictedAgain = restricted_again,
            /// Calls what a call will return, and what that will return, 100,000 times.
            Pipeline = pipeline,
            /// Asks for 100 MiB of results, and fetches none of them.
            Results = results,
            /// Uses numbers of objects that it was never given.
            ForgedHandles = forged_handles,
            /// Uses objects that it has given back, and gives them back again.
            StaleHandles = stale_handles,
            /// Cancels and answers calls that never were, or are over.
            ForgedCalls = forged_calls,
            /// Sends what is no message: pointers in circles, nested without end, at random.
            Malformed = malformed,
            /// Keeps 100,000 resources.
            Pollables = pollables,
            /// Drops a stream before what polls it.
            WrongOrder = wrong_order,
            /// Connects after it has called.
            BothInterfaces = both_interfaces,
            /// Asks for 64 MiB of random bytes.
            RandomBytes = random_bytes,
            /// Sends a message of 64 MiB.
            LongMessage = long_message,
            /// Sends a message of a million segments.
            ManySegments = many_segments,
            /// Gives back 100,000 objects that it does not have, in one go.
            Releases = releases,
            /// Announces a message of 64 MiB in eight bytes.
            RpcAnnounced = rpc_announced,
            /// Begins a message, and never ends it.
            RpcSilent = rpc_silent,
            /// Writes a mebibyte of nothing in particular.
            RpcRandom = rpc_random,
            /// Writes messages with nothing in particular in them.
            RpcRandomMessages = rpc_random_messages,
            /// Writes a message of pointers that lead to each other.
            RpcFarPointers = rpc_far_pointers,
            /// Writes a message that nests 10,000 deep.
            RpcNested = rpc_nested,
            /// Makes 10,000 calls, and is done with none of them.
            RpcCalls = rpc_calls,
            /// Asks for 200,000 objects, and keeps them.
            RpcCapabilities = rpc_capabilities,
            /// Calls what a call will return, and what that will return, 100,000 times.
            RpcPipeline = rpc_pipeline,
            /// Has a promise turn out to be another promise, 100,000 times.
            RpcPromises = rpc_promises,
            /// Calls, and never reads an answer.
            RpcDeaf = rpc_deaf,
            /// Connects twice.
            RpcTwice = rpc_twice,
            /// Ends in the middle of a message, with calls outstanding.
            RpcHangsUp = rpc_hangs_up,
            /// Is done with calls that it never made.
            RpcForged = rpc_forged,
            /// Panics before anything else.
            PanicsAtOnce = panics_at_once,
            /// Panics with calls in both directions.
            PanicsInCalls = panics_in_calls,
            /// Panics while it is connected.
            PanicsConnected = panics_connected,
            /// Ends with calls in both directions.
            ExitsInCalls = exits_in_calls,
            /// Opens 10,000 files.
            FilesOpen = files_open,
            /// Fills its disk.
            FilesFull = files_full,
            /// Looks for files that are not its own.
            FilesWaysOut = files_ways_out,
            /// Has a promise turn out to be another promise, 10,000 times.
            Promises = promises,
        }
    };
}

macro_rules! enumeration {
    ($($(#[$doc:meta])+ $name:ident = $switch:ident,)+) => {
        /// What the guest does to its node.
        #[derive(Debug, Clone, Copy, PartialEq, Eq)]
        pub enum Attack {
            $($(#[$doc])+ $name,)+
        }

        impl Attack {
            /// All of them.
            pub const ALL: &[Self] = &[$(Self::$name),+];

            /// The guest's argument that starts it.
            pub const fn switch(self) -> &'static str {
                match self {
                    $(Self::$name => stringify!($switch),)+
                }
            }
        }
    };
}

each_attack!(enumeration);
