//! How much a heavy test does.

/// The variable that says which part of their full counts the heavy tests run: `1` is all, `0.1` a tenth.
pub const VARIABLE: &str = "WW_TEST_SCALE";

/// The part that a plain `cargo test` runs.
const DEFAULT: f64 = 0.1;

/// The part of `full` that this run does: at least 1, and a tenth unless [`VARIABLE`] says otherwise.
///
/// # Panics
/// Where the variable holds no number above 0: a run that silently does something else is worth nothing.
pub fn scaled(full: u32) -> u32 {
    part(full, std::env::var(VARIABLE).ok().as_deref())
}

fn part(full: u32, value: Option<&str>) -> u32 {
    let scale = match value {
        None => DEFAULT,
        Some(text) => match text.parse() {
            Ok(scale) if f64::is_finite(scale) && scale > 0.0 => scale,
            _ => panic!("{VARIABLE} must be a number above 0, and is {text:?}"),
        },
    };
    // A float becomes the nearest number in range.
    ((f64::from(full) * scale).round() as u32).max(1)
}

#[cfg(test)]
mod tests {
    use super::part;

    #[test]
    fn scales_and_never_to_nothing() {
        assert_eq!(part(10_000, None), 1_000);
        assert_eq!(part(10_000, Some("1")), 10_000);
        assert_eq!(part(10_000, Some("0.00001")), 1);
        assert_eq!(part(10, Some("2")), 20);
    }

    #[test]
    #[should_panic(expected = "must be a number above 0")]
    fn refuses_what_is_no_scale() {
        part(10, Some("a lot"));
    }
}
