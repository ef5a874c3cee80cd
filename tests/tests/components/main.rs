//! Components as providers, on one worker in this process: what becomes of their callers when they fail, again and again,
//! and of a neighbour when they are hostile.

mod beside;
mod node;
mod restarts;
