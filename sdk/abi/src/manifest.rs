//! What a plugin says of itself without running: the section `ww.manifest` of its file.

/// What a plugin says of itself. [`manifest!`](crate::manifest) writes it into the file, as a JSON object.
#[derive(Debug, Clone, Copy)]
pub struct Manifest {
    /// The name that it goes by where the operator gives it no other.
    pub name: &'static str,
    /// Its own version.
    pub version: &'static str,
    /// What it is, in a line.
    pub description: &'static str,
    /// The id of the interface that guests get; 0 where there is none.
    pub interface: u64,
    /// What a node may ask it for itself: `command`, or `content:` and a path's prefix.
    pub roles: &'static [&'static str],
    /// The names of the capabilities that it cannot do without.
    pub requires: &'static [&'static str],
}

/// Writes a [`Manifest`] into this library, in the section `ww.manifest`.
///
/// It can be read without loading the library, and survives `strip`.
///
/// ```
/// ww_abi::manifest!(ww_abi::Manifest {
///     name: "echo",
///     version: "1.0.0",
///     description: "Says what it hears",
///     interface: 0,
///     roles: &[],
///     requires: &[],
/// });
/// # fn main() {}
/// ```
#[macro_export]
macro_rules! manifest {
    ($manifest:expr) => {
        const _: () = {
            // Names of items can be anybody's.
            const __WW_MANIFEST: $crate::Manifest = $manifest;
            // A panic that ends the process is known to whoever compiles the plugin, and only there.
            const __WW_PANIC: &str = if cfg!(panic = "abort") { "abort" } else { "unwind" };
            const __WW_LENGTH: usize = $crate::json_length(&__WW_MANIFEST, __WW_PANIC);
            #[cfg_attr(target_vendor = "apple", unsafe(link_section = "__DATA,ww.manifest"))]
            #[cfg_attr(not(target_vendor = "apple"), unsafe(link_section = "ww.manifest"))]
            #[used]
            static SECTION: [u8; __WW_LENGTH] = $crate::json_bytes(&__WW_MANIFEST, __WW_PANIC);
        };
    };
}

/// Where JSON is written, and how far.
struct Writer<const N: usize> {
    bytes: [u8; N],
    length: usize,
}

impl<const N: usize> Writer<N> {
    const fn new() -> Self {
        Self { bytes: [0; N], length: 0 }
    }

    /// With no room at all it only counts.
    const fn byte(mut self, byte: u8) -> Self {
        if self.length < N {
            self.bytes[self.length] = byte;
        }
        self.length += 1;
        self
    }

    const fn raw(mut self, text: &str) -> Self {
        let mut index = 0;
        while index < text.len() {
            self = self.byte(text.as_bytes()[index]);
            index += 1;
        }
        self
    }

    const fn text(mut self, text: &str) -> Self {
        self = self.byte(b'"');
        let mut index = 0;
        while index < text.len() {
            self = self.escaped(text.as_bytes()[index]);
            index += 1;
        }
        self.byte(b'"')
    }

    const fn escaped(self, byte: u8) -> Self {
        match byte {
            b'"' | b'\\' => self.byte(b'\\').byte(byte),
            0..0x20 => self.raw("\\u00").hex(byte >> 4).hex(byte & 15),
            _ => self.byte(byte),
        }
    }

    const fn hex(self, digit: u8) -> Self {
        self.byte(b"0123456789abcdef"[digit as usize])
    }

    const fn id(mut self, id: u64) -> Self {
        self = self.raw("\"0x");
        let mut shift = 64;
        while shift > 0 {
            shift -= 4;
            self = self.hex((id >> shift & 15) as u8);
        }
        self.byte(b'"')
    }

    const fn number(self, number: u32) -> Self {
        let rest = if number >= 10 { self.number(number / 10) } else { self };
        rest.byte(b'0' + (number % 10) as u8)
    }

    const fn list(mut self, texts: &[&str]) -> Self {
        self = self.byte(b'[');
        let mut index = 0;
        while index < texts.len() {
            if index > 0 {
                self = self.byte(b',');
            }
            self = self.text(texts[index]);
            index += 1;
        }
        self.byte(b']')
    }

    const fn manifest(self, manifest: &Manifest, panic: &str) -> Self {
        self.raw("{\"contract\":")
            .number(crate::CONTRACT)
            .raw(",\"name\":")
            .text(manifest.name)
            .raw(",\"version\":")
            .text(manifest.version)
            .raw(",\"description\":")
            .text(manifest.description)
            .raw(",\"interface\":")
            .id(manifest.interface)
            .raw(",\"roles\":")
            .list(manifest.roles)
            .raw(",\"requires\":")
            .list(manifest.requires)
            .raw(",\"panic\":")
            .text(panic)
            .byte(b'}')
    }
}

/// How many bytes [`json_bytes`] writes. For [`manifest!`](crate::manifest).
pub const fn json_length(manifest: &Manifest, panic: &str) -> usize {
    Writer::<0>::new().manifest(manifest, panic).length
}

/// A manifest as JSON. For [`manifest!`](crate::manifest).
pub const fn json_bytes<const N: usize>(manifest: &Manifest, panic: &str) -> [u8; N] {
    Writer::<N>::new().manifest(manifest, panic).bytes
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_manifest_is_json() {
        const MANIFEST: Manifest = Manifest {
            name: "echo",
            version: "1.0.0",
            description: "says \"what\\it\n hears\"",
            interface: 0x00ab_0000_0000_1234,
            roles: &["command", "content:/ipfs/"],
            requires: &[],
        };
        const LENGTH: usize = json_length(&MANIFEST, "unwind");
        let bytes: [u8; LENGTH] = json_bytes(&MANIFEST, "unwind");
        assert_eq!(
            std::str::from_utf8(&bytes).unwrap(),
            concat!(
                r#"{"contract":1,"name":"echo","version":"1.0.0","#,
                r#""description":"says \"what\\it\u000a hears\"","interface":"0x00ab000000001234","#,
                r#""roles":["command","content:/ipfs/"],"requires":[],"panic":"unwind"}"#
            )
        );
    }
}
