//! Files that attack their node, such as no compiler makes: what the operator sees of each.

mod component;
mod module;
mod table;

use ww_tests::process::Place;

use crate::operator::run;
use crate::outcome::Outcome;
use crate::quiet;

fn check(component: &[u8], expected: &Outcome) {
    let _others = quiet::shared();
    let place = Place::new();
    let file = place.path().join("hostile.wasm");
    std::fs::write(&file, component).expect("write a component");
    let image = place.image("hostile", &file);
    let ended = run(&place, &image, expected, &[]);
    assert_eq!(ended.stderr.trim_end_matches('\n'), expected.end.told(&image).1, "{ended}");
}
