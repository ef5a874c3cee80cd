#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| ww_fuzz::calls::target(bytes));
