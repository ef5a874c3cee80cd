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
