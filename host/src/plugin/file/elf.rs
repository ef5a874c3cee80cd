//! Checks the structure of an ELF file, as far as the dynamic loader trusts it.
//!
//! A library that was cut off kills the process inside the loader, which maps what the headers say and looks at it. So
//! every range that they name must lie inside the file.

use std::fmt;

use object::elf::{self, FileHeader32, FileHeader64};
use object::read::elf::{Dyn as _, FileHeader, ProgramHeader as _, SectionHeader as _, SectionTable};
use object::{Endianness, FileKind};

use super::error::Fault;
use crate::plugin::manifest::SECTION;

/// What an ELF file says of itself, and what it holds for us.
pub(super) struct Elf<'a> {
    pub(super) machine: Machine,
    /// The text of its section `ww.manifest`.
    pub(super) manifest: Option<&'a [u8]>,
    /// The first byte that no header names.
    end: u64,
}

impl<'a> Elf<'a> {
    /// Reads a shared library of any machine.
    pub(super) fn parse(bytes: &'a [u8]) -> Result<Self, Fault> {
        match FileKind::parse(bytes) {
            Ok(FileKind::Elf32) => parse::<FileHeader32<Endianness>>(bytes, 32),
            Ok(FileKind::Elf64) => parse::<FileHeader64<Endianness>>(bytes, 64),
            Ok(_) => Err(Fault::Damaged("its header is none of an ELF file".to_owned())),
            Err(error) => Err(damaged(error)),
        }
    }

    /// Checks that nothing follows it.
    pub(super) fn ends_with(&self, bytes: &[u8]) -> Result<(), Fault> {
        match (bytes.len() as u64).saturating_sub(self.end) {
            0 => Ok(()),
            more => Err(Fault::Behind(more)),
        }
    }
}

fn parse<'a, H: FileHeader<Endian = Endianness>>(bytes: &'a [u8], bits: u8) -> Result<Elf<'a>, Fault> {
    let header = H::parse(bytes).map_err(damaged)?;
    let endian = header.endian().map_err(damaged)?;
    is_shared(header.e_type(endian))?;
    let length = bytes.len() as u64;
    let mut end = size_of::<H>() as u64;
    let mut inside = |what: &str, (offset, size): (u64, u64)| match offset.checked_add(size) {
        Some(last) if last <= length => {
            end = end.max(last);
            Ok(())
        }
        _ => Err(Fault::Damaged(format!("{what} lies behind its end"))),
    };
    let segments = header.program_headers(endian, bytes).map_err(damaged)?;
    inside("the table of its segments", (header.e_phoff(endian).into(), size_of_val(segments) as u64))?;
    for segment in segments {
        inside("a segment", segment.file_range(endian))?;
        is_no_program::<H>(segment, endian, bytes)?;
    }
    let sections = header.sections(endian, bytes).map_err(damaged)?;
    let table = sections.len() * usize::from(header.e_shentsize(endian));
    inside("the table of its sections", (header.e_shoff(endian).into(), table as u64))?;
    for section in sections.iter().filter(|it| it.sh_type(endian) != elf::SHT_NULL) {
        if let Some(range) = section.file_range(endian) {
            inside("a section", range)?;
        }
    }
    let manifest = manifest(&sections, endian, bytes)?;
    let machine = Machine { number: header.e_machine(endian), bits, big_endian: endian == Endianness::Big };
    Ok(Elf { machine, manifest, end })
}

fn is_shared(kind: u16) -> Result<(), Fault> {
    match kind {
        elf::ET_DYN => Ok(()),
        elf::ET_EXEC => Err(Fault::Foreign("a program")),
        elf::ET_REL => Err(Fault::Foreign("an object file")),
        elf::ET_CORE => Err(Fault::Foreign("a core dump")),
        _ => Err(Fault::Damaged("its type is not known".to_owned())),
    }
}

/// A program that can lie anywhere has the type of a shared library, and no loader takes it for one.
fn is_no_program<H: FileHeader<Endian = Endianness>>(
    segment: &H::ProgramHeader,
    endian: Endianness,
    bytes: &[u8],
) -> Result<(), Fault> {
    let entries = segment.dynamic(endian, bytes).map_err(damaged)?.unwrap_or_default();
    let mut flags = entries.iter().filter(|entry| entry.tag(endian) == elf::DT_FLAGS_1);
    if flags.any(|entry| entry.val(endian) & u64::from(elf::DF_1_PIE) != 0) {
        return Err(Fault::Foreign("a program"));
    }
    Ok(())
}

fn manifest<'a, H: FileHeader<Endian = Endianness>>(
    sections: &SectionTable<'a, H>,
    endian: Endianness,
    bytes: &'a [u8],
) -> Result<Option<&'a [u8]>, Fault> {
    let named = |section: &&H::SectionHeader| sections.section_name(endian, section) == Ok(SECTION.as_bytes());
    let mut found = sections.iter().filter(named);
    let Some(section) = found.next() else { return Ok(None) };
    if found.next().is_some() {
        return Err(Fault::Damaged(format!("it has more than one section {SECTION}")));
    }
    section.data(endian, bytes).map(Some).map_err(damaged)
}

fn damaged(error: object::Error) -> Fault {
    Fault::Damaged(error.to_string())
}

/// What a native library was built for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Machine {
    number: u16,
    bits: u8,
    big_endian: bool,
}

/// Machines that Rust names, as ELF numbers them.
const NAMES: &[(u16, &str)] = &[
    (elf::EM_X86_64, "x86_64"),
    (elf::EM_AARCH64, "aarch64"),
    (elf::EM_RISCV, "riscv"),
    (elf::EM_386, "x86"),
    (elf::EM_ARM, "arm"),
    (elf::EM_LOONGARCH, "loongarch"),
    (elf::EM_PPC64, "powerpc64"),
    (elf::EM_PPC, "powerpc"),
    (elf::EM_S390, "s390x"),
    (elf::EM_MIPS, "mips"),
    (elf::EM_SPARCV9, "sparc64"),
];

/// The ELF number of the machine that this code runs on; 0, which is nobody's, where it is not known.
const NUMBER: u16 = if cfg!(target_arch = "x86_64") {
    elf::EM_X86_64
} else if cfg!(target_arch = "aarch64") {
    elf::EM_AARCH64
} else if cfg!(any(target_arch = "riscv64", target_arch = "riscv32")) {
    elf::EM_RISCV
} else if cfg!(target_arch = "x86") {
    elf::EM_386
} else if cfg!(target_arch = "arm") {
    elf::EM_ARM
} else if cfg!(target_arch = "loongarch64") {
    elf::EM_LOONGARCH
} else if cfg!(target_arch = "powerpc64") {
    elf::EM_PPC64
} else if cfg!(target_arch = "s390x") {
    elf::EM_S390
} else {
    elf::EM_NONE
};

impl Machine {
    /// The machine that this code runs on.
    pub const HERE: Self = Self { number: NUMBER, bits: usize::BITS as u8, big_endian: cfg!(target_endian = "big") };
}

/// Such as `x86_64`; what is not usual today is said, too: `aarch64, big-endian`, `x86_64, 32 bits`.
impl fmt::Display for Machine {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match NAMES.iter().find(|(number, _)| *number == self.number) {
            Some((_, name)) => formatter.write_str(name)?,
            None => write!(formatter, "machine {}", self.number)?,
        }
        if self.bits != 64 {
            write!(formatter, ", {} bits", self.bits)?;
        }
        if self.big_endian { formatter.write_str(", big-endian") } else { Ok(()) }
    }
}
