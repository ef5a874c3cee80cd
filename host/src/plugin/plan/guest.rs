//! What the operator grants the image's own guest.

use membrane::Name;

use super::options::{Grant, Options};
use crate::plugin::settings::Settings;

/// A name, and where it was said: names are checked when all capabilities are known.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Said {
    /// The capability.
    pub name: Name,
    /// The option or the place in a file.
    pub by: String,
}

/// What the operator grants the image's own guest.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct GuestGrants {
    /// Exactly these; where nothing is said, all that is configured.
    pub grants: Option<Vec<Said>>,
    /// None of these.
    pub deny: Vec<Said>,
}

impl GuestGrants {
    /// Grants of options take the place of those in the file. Denials add up: an option that denies something is no reason
    /// to allow something else.
    pub(super) fn of(options: &Options, settings: &Settings) -> Self {
        let file = settings.file.as_ref().map(|path| path.display().to_string()).unwrap_or_default();
        let said = |by: &str, names: &[Name]| -> Vec<Said> {
            names.iter().map(|name| Said { name: name.clone(), by: by.to_owned() }).collect()
        };
        let granted: Vec<Name> = options.grant.iter().filter_map(Grant::to_guest).cloned().collect();
        let in_file = settings.guest.grants.as_deref();
        let grants = match granted.as_slice() {
            [] => in_file.map(|names| said(&format!("config {file}: guest.grants"), names)),
            granted => Some(said("--grant", granted)),
        };
        let mut deny = said("--deny", &options.deny);
        deny.extend(said(&format!("config {file}: guest.deny"), &settings.guest.deny));
        Self { grants, deny }
    }
}
