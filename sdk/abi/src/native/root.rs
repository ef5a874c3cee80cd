//! The one symbol of a plugin.

use abi_stable::StableAbi;
use abi_stable::library::RootModule;
use abi_stable::sabi_types::VersionStrings;

use super::call::RawAnswer;
use super::cap::RawCap;
use super::services::RawServices;

/// What a plugin is made of, see [`export_root!`](crate::export_root).
#[repr(C)]
#[derive(StableAbi)]
#[sabi(kind(Prefix(prefix_ref = RootRef)))]
#[sabi(missing_field(panic))]
pub struct Root {
    /// The contract that the plugin was built for.
    pub contract: u32,
    /// Starts an instance, and puts its capability, the `Provider`, into `root`. The answer is done, or says why it
    /// failed. An instance lives until everything of it is dropped; there may be several.
    #[sabi(last_prefix_field)]
    pub start: unsafe extern "C" fn(start: *const RawStart, root: *mut RawCap, answer: *mut RawAnswer),
}

/// What an instance starts with.
#[repr(C)]
#[derive(StableAbi)]
pub struct RawStart {
    /// The name that the operator gave it, in UTF-8.
    pub name: *const u8,
    /// How many bytes the name has.
    pub name_length: usize,
    /// What the node does for it.
    pub services: RawServices,
}

impl RootModule for RootRef {
    abi_stable::declare_root_module_statics! {RootRef}

    const BASE_NAME: &'static str = "ww_plugin";
    const NAME: &'static str = "ww_plugin";
    /// Of the contract, not of a package: that is what both sides have to agree on.
    const VERSION_STRINGS: VersionStrings = VersionStrings::new("1.0.0");
}

/// Exports `$start`, a function as [`Root::start`], as the root of this library. A library does so once.
#[macro_export]
macro_rules! export_root {
    ($start:path) => {
        const _: () = {
            use $crate::abi_stable::library::{
                __call_root_module_loader, CheckTypeLayout, LibHeader, RootModuleResult,
            };
            use $crate::abi_stable::prefix_type::PrefixTypeTrait as _;

            fn root() -> $crate::RootRef {
                $crate::Root { contract: $crate::CONTRACT, start: $start }.leak_into_prefix()
            }

            extern "C" fn module() -> RootModuleResult {
                __call_root_module_loader(root)
            }

            /// Under the name that abi_stable looks for.
            #[unsafe(no_mangle)]
            #[allow(non_upper_case_globals, reason = "the name is abi_stable's")]
            pub static _1as_0lib_1header_0root_bmodule_bloader: LibHeader =
                // SAFETY: what `module` returns was made of a `RootRef`.
                unsafe { LibHeader::from_constructor::<$crate::RootRef>(module, CheckTypeLayout::Yes) };
        };
    };
}

#[cfg(test)]
mod tests {
    use abi_stable::library::ROOT_MODULE_LOADER_NAME;

    use super::*;

    #[test]
    fn the_version_of_the_root_is_that_of_the_contract() {
        let version = RootRef::VERSION_STRINGS.version.as_str();
        assert_eq!(version.split('.').next(), Some(crate::CONTRACT.to_string().as_str()));
    }

    #[test]
    fn the_root_has_the_name_that_is_looked_for() {
        assert_eq!(ROOT_MODULE_LOADER_NAME, "_1as_0lib_1header_0root_bmodule_bloader");
    }
}
