//! The names of a merged directory, some at a time: the lowest ones that fit, in order.

use super::super::limits::NAME_COST;
use super::super::path::{removed_by, visible};
use super::super::tree::{Named, NamedKind};
use super::layer::Rank;
use std::collections::BTreeMap;

/// Takes the names of one directory from one layer after the other, from the highest down, and keeps the lowest of them.
#[derive(Debug)]
pub(super) struct Window {
    names: BTreeMap<String, Mark>,
    /// Where it starts; at the first name of all without one.
    from: Option<String>,
    /// The lowest name that had no room; none of those behind it is kept.
    end: Option<String>,
    room: usize,
    used: usize,
}

/// What is known of a name.
#[derive(Clone, Copy, Debug)]
enum Mark {
    /// It is there.
    There(NamedKind),
    /// This layer removes it.
    Removed(Rank),
}

impl Window {
    /// A window of `room` bytes that starts at the name `from`.
    pub(super) fn new(from: Option<String>, room: usize) -> Self {
        Self { names: BTreeMap::new(), from, end: None, room, used: 0 }
    }

    /// Takes a name of a layer. Within a layer they may come in any order.
    pub(super) fn add(&mut self, rank: Rank, named: Named) {
        let Named { name, kind } = named;
        if visible(&name) {
            self.put(name, Mark::There(kind), |before| matches!(before, Mark::Removed(by) if *by == rank));
        } else if let Some(removed) = removed_by(&name).filter(|_| rank.has_below()) {
            self.put(removed.to_owned(), Mark::Removed(rank), |_| false);
        }
    }

    fn put(&mut self, name: String, mark: Mark, replaces: impl FnOnce(&Mark) -> bool) {
        let before = self.from.as_ref().is_some_and(|from| name < *from);
        if before || self.end.as_ref().is_some_and(|end| name >= *end) {
            return;
        }
        if let Some(known) = self.names.get_mut(&name) {
            if replaces(known) {
                *known = mark;
            }
            return;
        }
        self.used += cost(&name);
        self.names.insert(name, mark);
        // One name always fits, so that every window gets further.
        while self.used > self.room && self.names.len() > 1 {
            let Some((last, _)) = self.names.pop_last() else { break };
            self.used -= cost(&last);
            self.end = Some(last);
        }
    }

    /// The names that are there, in order, and where the next window starts if there is one.
    pub(super) fn close(self) -> (Vec<Named>, Option<String>) {
        let there = self.names.into_iter().filter_map(|(name, mark)| match mark {
            Mark::There(kind) => Some(Named { name, kind }),
            Mark::Removed(_) => None,
        });
        (there.collect(), self.end)
    }
}

fn cost(name: &str) -> usize {
    name.len() + NAME_COST
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Reads layers, given from the lowest up, through windows of this many names of one byte.
    fn read(layers: &[&[&str]], names: usize) -> (String, usize) {
        let (mut all, mut from, mut windows) = (String::new(), None, 0);
        loop {
            let mut window = Window::new(from, names * cost("n"));
            for (index, layer) in layers.iter().enumerate().rev() {
                for name in *layer {
                    window.add(Rank(index), Named { name: (*name).to_owned(), kind: NamedKind::File });
                }
            }
            let (there, next) = window.close();
            all.extend(there.into_iter().map(|named| named.name));
            windows += 1;
            from = next;
            if from.is_none() {
                return (all, windows);
            }
        }
    }

    #[test]
    fn names_are_merged_sorted_and_removed_in_windows_of_any_size() {
        for (layers, expected) in [
            (&[&["c", "a"][..], &["b", "a"]][..], "abc"),
            (&[&["a", "b"], &[".wh.a"]], "b"),
            (&[&["a", ".wh.b"], &["b", "c"]], "abc"),
            (&[&["a"], &[".wh.a"], &["a"]], "a"),
            (&[&["a", "b"], &["a", ".wh.a"], &["c"]], "abc"),
            (&[&["a", "b"], &[".wh.a", "a"], &[".wh.a"]], "b"),
            (&[&["a", "b", "c", "d"], &[".wh.a", ".wh.b", ".wh.c", ".wh.d"]], ""),
            (&[&[".wh.", ".wh..wh..opq", "a"]], "a"),
            (&[&[], &[]], ""),
        ] {
            for size in 0..6 {
                assert_eq!(read(layers, size).0, expected, "{layers:?} in windows of {size}");
            }
        }
    }

    #[test]
    fn a_window_holds_what_it_has_room_for() {
        let layers: &[&[&str]] = &[&["g", "b", "e"], &["a", "c", "d", "f"]];
        assert_eq!(read(layers, 7), ("abcdefg".to_owned(), 1));
        assert_eq!(read(layers, 3), ("abcdefg".to_owned(), 3));
        assert_eq!(read(layers, 1), ("abcdefg".to_owned(), 7));
    }
}
