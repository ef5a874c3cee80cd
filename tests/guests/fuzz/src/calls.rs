//! A program of raw calls of `wetware:cell/calls`.

use ww_call::wire::{Event, EventReader, Outcome, OutcomeHead};

use crate::bindings::wasi::io::poll::Pollable;
use crate::bindings::wetware::cell::calls;
use crate::input::{Input, Known};
use crate::message::{Parts, interface};

/// What became of it all, for whoever wants to see whether it is always the same.
#[derive(Debug, Default)]
struct Tally {
    done: u32,
    failed: u32,
    pending: u32,
    completed: u32,
    incoming: u32,
    other: u32,
}

/// A guest, as far as it has come.
#[derive(Default)]
struct Guest {
    /// Objects of the host's.
    objects: Known,
    /// Calls that it made.
    calls: Known,
    /// Calls that it is to answer.
    incoming: Known,
    pollables: Vec<Pollable>,
    tally: Tally,
}

/// Runs a program: the first byte says how it ends, the others are its steps.
pub(crate) fn run(input: &[u8]) {
    let mut input = Input::new(input);
    let end = input.below(6);
    let mut guest = Guest::default();
    guest.objects.learn(0);
    while !input.is_empty() {
        guest.step(&mut input);
    }
    match end {
        0 => guest.wait(&[], u64::MAX),
        1 => std::process::abort(),
        2 => std::process::exit(3),
        _ => {}
    }
    println!("{:?}", guest.tally);
}

impl Guest {
    fn step(&mut self, input: &mut Input<'_>) {
        match input.below(16) {
            0..=6 => self.call(input),
            7 | 8 => self.pipelined(input),
            9 => calls::cancel(self.calls.pick(input)),
            10 | 11 => self.reply(input),
            12..=14 => {
                let releases: Vec<u64> = (0..input.below(4)).map(|_| self.release(input)).collect();
                let timeout = [0, 1, 1_000_000, 1_000_000_000, u64::MAX][usize::from(input.below(5))];
                self.wait(&releases, timeout);
            }
            _ => self.readable(input),
        }
    }

    fn call(&mut self, input: &mut Input<'_>) {
        let target = self.objects.pick(input);
        let (interface, method) = (interface(input), input.number::<2>() as u16);
        let options = input.below(3);
        let Parts { first, rest, handles } = Parts::read(input, &self.objects);
        let (head, _, _, lent) = calls::call(target, interface, method, options, &first, &rest, &handles);
        let head = OutcomeHead::decode(head).expect("an outcome");
        match head.outcome {
            Outcome::Done => self.tally.done += 1,
            Outcome::Failed => self.tally.failed += 1,
            Outcome::Pending => {
                self.tally.pending += 1;
                self.calls.learn(head.number);
            }
        }
        self.learn(&lent.unwrap_or_default());
    }

    fn pipelined(&mut self, input: &mut Input<'_>) {
        let call = self.calls.pick(input);
        // Sometimes deeper than any message.
        let depth = Some(input.byte()).filter(|byte| *byte != u8::MAX).map_or(100, |byte| byte % 4);
        let path: Vec<u16> = (0..depth).map(|_| u16::from(input.below(5))).collect();
        let handle = calls::pipelined(call, &path);
        self.learn(&[handle]);
    }

    fn reply(&mut self, input: &mut Input<'_>) {
        let call = self.incoming.pick(input);
        let head = match input.below(8) {
            0 => input.number::<8>(),
            kind @ 1..=3 => u64::from(kind) << 8 | 1 | u64::from(input.byte()) << 32,
            _ => 0,
        };
        let Parts { first, rest, handles } = Parts::read(input, &self.objects);
        calls::reply(call, head, &first, &rest, &handles);
    }

    fn release(&self, input: &mut Input<'_>) -> u64 {
        let object = self.objects.pick(input);
        u64::from(object) | u64::from(input.below(3)) << 32
    }

    fn wait(&mut self, releases: &[u64], timeout: u64) {
        let (words, long) = calls::wait(releases, timeout);
        for event in EventReader::new(words, long) {
            match event {
                Event::Completed { results, .. } => {
                    self.tally.completed += 1;
                    self.learn(&results.handles);
                }
                Event::Incoming { call, params, .. } => {
                    self.tally.incoming += 1;
                    self.incoming.learn(call);
                    self.learn(&params.handles);
                }
                _ => self.tally.other += 1,
            }
        }
    }

    fn readable(&mut self, input: &mut Input<'_>) {
        match input.below(4) {
            0 => drop(self.pollables.pop()),
            1 => {
                if let Some(pollable) = self.pollables.last() {
                    pollable.block();
                }
            }
            _ => self.pollables.push(calls::readable()),
        }
    }

    /// Objects of the host's come with the bit of the sender, and are called without it.
    fn learn(&mut self, handles: &[u32]) {
        for handle in handles {
            self.objects.learn(handle & !ww_call::table::SENDERS);
        }
    }
}
