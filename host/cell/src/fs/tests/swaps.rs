//! Somebody on the host changes the tree while a guest walks through it.

use super::*;
use std::sync::atomic::{AtomicBool, Ordering};

/// Lets a directory and a link that leads out change places as fast as they can.
#[cfg(unix)]
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_directory_that_becomes_a_link_leads_nowhere() {
    let mut world = World::new();
    let (image, outside) = (world.image(), world.host.path().join("outside"));
    std::fs::create_dir(&outside).unwrap();
    std::fs::write(outside.join("config"), "secret").unwrap();
    let app = image.join("etc/app");
    let (link, aside) = (image.join("link"), image.join("aside"));
    host_link(&outside, &link);

    let stop = Arc::new(AtomicBool::new(false));
    let stopped = stop.clone();
    let swapper = std::thread::spawn(move || {
        while !stopped.load(Ordering::Relaxed) {
            std::fs::rename(&app, &aside).unwrap();
            std::fs::rename(&link, &app).unwrap();
            std::fs::rename(&app, &link).unwrap();
            std::fs::rename(&aside, &app).unwrap();
        }
    });
    let mut read = 0;
    for _ in 0..2000 {
        // Which error a walk ends with depends on where it was; what it never gives is the other file.
        if let Ok(text) = world.read("etc/app/config").await {
            assert_eq!(text, "key = 1\n");
            read += 1;
        }
    }
    stop.store(true, Ordering::Relaxed);
    swapper.join().unwrap();
    assert!(read > 0);
}

#[cfg(unix)]
#[tokio::test]
async fn an_open_file_stays_the_same_file() {
    let mut world = World::new();
    let name = world.image().join("etc/name");
    let fd = world.open("etc/name", OpenFlags::empty(), READ).await.unwrap();
    std::fs::remove_file(&name).unwrap();
    host_link("/etc/passwd", &name);
    assert_eq!(world.fs().read(borrow(&fd), 100, 0).await.unwrap().0, b"image\n");
}

#[cfg(unix)]
#[tokio::test]
async fn a_link_in_place_of_an_open_directory_is_not_listed() {
    let mut world = World::new();
    let app = world.image().join("etc/app");
    let fd = world.open("etc/app", OpenFlags::DIRECTORY, READ).await.unwrap();
    std::fs::rename(&app, world.image().join("etc/old")).unwrap();
    host_link("/", &app);
    assert_eq!(world.fs().read_directory(fd).await.map_err(code).unwrap_err(), ErrorCode::NotDirectory);
}
