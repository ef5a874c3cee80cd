//! Published programs that know nothing of `ww`, as guests.

use std::fs;
use std::path::{Path, PathBuf};

use ww_tests::image::contents;
use ww_tests::node::run;
use ww_tests::process::Place;
use ww_tests::program::program;

fn write(path: &Path, text: &str) {
    fs::create_dir_all(path.parent().expect("a folder")).expect("the folder");
    fs::write(path, text).expect("the file");
}

/// An image with a program and some text to search.
fn library(place: &Place) -> PathBuf {
    let image = place.image("library", &program("rg"));
    write(&image.join("docs/first.txt"), "alpha\na needle here\nomega\n");
    write(&image.join("docs/deep/er/second.txt"), "nothing\nNEEDLE\n");
    write(&image.join("docs/deep/third.md"), "another needle\n");
    write(&image.join(".ignore"), "*.log\n");
    write(&image.join("noise.log"), "a needle that is ignored\n");
    image
}

/// ripgrep: walks directories, takes arguments, reads its input, and says by its status whether it found something.
#[test]
fn a_search_in_the_image() {
    let place = Place::new();
    let image = library(&place);
    let before = contents(&image);
    let rg = |arguments: &[&str], input: &str| run(&place, &image, arguments, input.as_bytes());

    let found = rg(&["--sort=path", "-n", "needle", "docs"], "").exits(0);
    assert_eq!(found.stdout, "docs/deep/third.md:1:another needle\ndocs/first.txt:2:a needle here\n", "{found}");
    let found = rg(&["--sort=path", "-i", "-l", "needle", "/"], "").exits(0);
    let expected = "/docs/deep/er/second.txt\n/docs/deep/third.md\n/docs/first.txt\n";
    assert_eq!(found.stdout, expected, "{found}");
    let listed = rg(&["--sort=path", "--files", "-g", "*.txt"], "").exits(0);
    assert_eq!(listed.stdout, "docs/deep/er/second.txt\ndocs/first.txt\n");

    let found = rg(&["-n", "b.r", "-"], "foo\nbar\nbaz\n").exits(0);
    assert_eq!((found.stdout.as_str(), found.stderr.as_str()), ("2:bar\n", ""));
    // More than any buffer holds, in both directions.
    let lines: String = (0..100_000).map(|number| format!("line {number}\n")).collect();
    let found = rg(&["^line \\d*7$", "-"], &lines).exits(0);
    assert_eq!(found.stdout.lines().count(), 10_000);
    rg(&["-q", "x", "-"], "").exits(1);

    let none = rg(&["absent", "docs"], "").exits(1);
    assert_eq!((none.stdout.as_str(), none.stderr.as_str()), ("", ""));
    let outside = rg(&["root", "../..", "/etc/passwd", "/proc/self/environ"], "").exits(1);
    assert_eq!(outside.stdout, "", "{outside}");
    assert_eq!(outside.stderr.lines().count(), 3, "{outside}");
    assert!(rg(&["("], "").exits(1).stderr.contains("unclosed group"));
    assert_eq!(contents(&image), before, "the image is as it was");
}

/// grass, a compiler of style sheets: reads files that name each other, and writes.
#[test]
fn a_compiler_of_files_in_the_image() {
    let place = Place::new();
    let image = place.image("styles", &program("grass"));
    write(&image.join("main.scss"), "@use \"colours\";\n.a { .b { color: colours.$warm; } }\n");
    write(&image.join("_colours.scss"), "$warm: red;\n");
    let css = ".a .b {\n  color: red;\n}\n";
    let before = contents(&image);
    let grass = |arguments: &[&str], input: &str| run(&place, &image, arguments, input.as_bytes());

    assert_eq!(grass(&["main.scss"], "").exits(0).stdout, css);
    assert_eq!(grass(&["--stdin"], "a { b: 1 + 2 }").exits(0).stdout, "a {\n  b: 3;\n}\n");
    assert_eq!(grass(&["main.scss", "/tmp/out.css"], "").exits(0).stdout, "");
    let refused = grass(&["main.scss", "/out.css"], "").exits(1);
    assert!(refused.stderr.contains("Read-only file system"), "{refused}");
    assert_eq!(contents(&image), before, "the image is as it was");
    grass(&["main.scss", "/var/out.css"], "").exits(0);
    assert_eq!(fs::read_to_string(image.join("var/out.css")).expect("its output"), css);
    // What it wrote is there for the next one.
    assert_eq!(grass(&["/var/out.css"], "").exits(0).stdout, css);
}
