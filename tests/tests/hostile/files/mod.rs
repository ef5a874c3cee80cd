//! Files that attack their node, such as no compiler makes: what the operator sees of each.

mod compiler;
mod component;
mod module;
mod table;

use std::path::PathBuf;

use ww_tests::process::Place;

use crate::operator::run;
use crate::outcome::Outcome;
use crate::quiet;

fn check(component: &[u8], expected: &Outcome) {
    let _others = quiet::shared();
    let place = Place::new();
    let image = image(&place, component);
    let ended = run(&place, &image, expected, &[]);
    assert_eq!(ended.stderr.trim_end_matches('\n'), expected.end.told(&image).1, "{ended}");
}

/// An image whose guest is this.
fn image(place: &Place, component: &[u8]) -> PathBuf {
    let file = place.path().join("hostile.wasm");
    std::fs::write(&file, component).expect("write a component");
    place.image("hostile", &file)
}
