//! Symbolic links: where they lead, and where they do not.

use super::super::limits::MAX_HOPS;
use super::*;

#[tokio::test]
async fn a_guests_links_lead_through_its_own_tree() {
    let mut world = World::new();
    world.write("tmp/f", "tmp").await.unwrap();
    for (target, link, content) in [
        ("/etc/name", "tmp/absolute", "image\n"),
        ("../etc/name", "tmp/relative", "image\n"),
        ("/tmp/f", "var/other", "tmp"),
        ("other", "var/chain", "tmp"),
        ("/etc/./app/../name", "tmp/winding", "image\n"),
        ("/var/../tmp/f", "tmp/round", "tmp"),
    ] {
        world.symlink(target, link).await.unwrap();
        assert_eq!(world.read(link).await.as_deref(), Ok(content), "{link}");
        assert_eq!(world.readlink(link).await.as_deref(), Ok(target));
    }
    // On the host it is a link to the host's file, which the guest does not see.
    world.symlink("/etc/passwd", "tmp/passwd").await.unwrap();
    assert_eq!(world.read("tmp/passwd").await, Err(ErrorCode::NoEntry));
    world.symlink("/", "tmp/root").await.unwrap();
    assert_eq!(world.list("tmp/root").await.unwrap(), ["etc", "tmp", "var"]);
    assert_eq!(world.read("tmp/root/tmp/root/etc/name").await.unwrap(), "image\n");
}

#[tokio::test]
async fn nothing_climbs_above_the_root() {
    let mut world = World::new();
    world.mkdir("tmp/d").await.unwrap();
    for target in ["../..", "../../etc/passwd", "/..", "/tmp/../../etc", "d/../../.."] {
        world.symlink(target, "tmp/up").await.unwrap();
        assert_eq!(world.kind("tmp/up").await, Err(ErrorCode::NotPermitted), "{target}");
        assert_eq!(world.kind("tmp/up/x").await, Err(ErrorCode::NotPermitted), "{target}");
        world.unlink("tmp/up").await.unwrap();
    }
    for path in ["..", "../etc", "etc/../..", "tmp/d/../../../x", "/", "/tmp"] {
        assert_eq!(world.kind(path).await, Err(ErrorCode::NotPermitted), "{path}");
    }
}

#[tokio::test]
async fn dots_go_where_a_guest_expects() {
    let mut world = World::new();
    world.mkdir("tmp/d").await.unwrap();
    world.symlink("/etc/app", "tmp/app").await.unwrap();
    assert_eq!(world.read("tmp/../etc/name").await.unwrap(), "image\n");
    assert_eq!(world.read("tmp/d/../../etc/./name").await.unwrap(), "image\n");
    assert_eq!(world.read("tmp/app/../name").await.unwrap(), "image\n", "up from where the link leads");
    assert_eq!(world.kind("etc/name/..").await, Err(ErrorCode::NotDirectory));
    assert_eq!(world.kind("none/..").await, Err(ErrorCode::NoEntry));
    assert_eq!(world.kind("etc/..").await, Ok(DescriptorType::Directory));

    // A directory that the guest opened is as high as its own `..` gets.
    let etc = world.open("etc", OpenFlags::DIRECTORY, READ).await.unwrap();
    let stat = world.fs().stat_at(borrow(&etc), FOLLOW, "../tmp".to_owned()).await;
    assert_eq!(stat.map_err(code).unwrap_err(), ErrorCode::NotPermitted);
    assert!(world.fs().stat_at(borrow(&etc), FOLLOW, "app/../name".to_owned()).await.is_ok());
}

#[cfg(unix)]
#[tokio::test]
async fn links_of_the_image_stay_in_the_guests_tree() {
    let mut world = World::new();
    let etc = world.image().join("etc");
    std::fs::write(world.host.path().join("secret"), "host").unwrap();
    host_link("../../secret", etc.join("out"));
    host_link(world.host.path().join("secret"), etc.join("host"));
    host_link("/tmp/data", etc.join("data"));
    host_link("../var", etc.join("state"));
    host_link("/etc/name", etc.join("alias"));
    host_link("out/x", etc.join("through"));
    assert_eq!(world.read("etc/out").await, Err(ErrorCode::NotPermitted));
    assert_eq!(world.read("etc/through").await, Err(ErrorCode::NotPermitted));
    assert_eq!(world.read("etc/host").await, Err(ErrorCode::NoEntry));
    assert_eq!(world.read("etc/alias").await.unwrap(), "image\n");

    assert_eq!(world.read("etc/data").await, Err(ErrorCode::NoEntry));
    world.write("etc/data", "made through a link").await.unwrap();
    assert_eq!(world.read("tmp/data").await.unwrap(), "made through a link");
    world.write("etc/state/x", "kept").await.unwrap();
    assert_eq!(std::fs::read_to_string(world.host.path().join("state/x")).unwrap(), "kept");
    assert_eq!(world.rename("etc/state/x", "var/y").await, Ok(()));
}

#[tokio::test]
async fn loops_and_long_chains_end() {
    let mut world = World::new();
    world.symlink("b", "tmp/a").await.unwrap();
    world.symlink("a", "tmp/b").await.unwrap();
    world.symlink("self/x", "tmp/self").await.unwrap();
    for path in ["tmp/a", "tmp/self", "tmp/a/x", "tmp/a/../x"] {
        assert_eq!(world.kind(path).await, Err(ErrorCode::Loop), "{path}");
        assert_eq!(world.read(path).await, Err(ErrorCode::Loop), "{path}");
    }
    world.write("tmp/l0", "end").await.unwrap();
    for hop in 0..=MAX_HOPS {
        world.symlink(&format!("l{hop}"), &format!("tmp/l{}", hop + 1)).await.unwrap();
    }
    assert_eq!(world.read(&format!("tmp/l{MAX_HOPS}")).await.unwrap(), "end");
    assert_eq!(world.read(&format!("tmp/l{}", MAX_HOPS + 1)).await, Err(ErrorCode::Loop));
}

#[tokio::test]
async fn a_link_itself_can_be_meant() {
    let mut world = World::new();
    world.symlink("/etc", "tmp/l").await.unwrap();
    world.symlink("nowhere", "tmp/dangling").await.unwrap();
    let root = world.root();
    let stat = world.fs().stat_at(root, PathFlags::empty(), "tmp/l".to_owned()).await.unwrap();
    assert!(stat.type_ == DescriptorType::SymbolicLink && stat.size == 4);
    assert_eq!(world.kind("tmp/l").await, Ok(DescriptorType::Directory));
    assert_eq!(world.kind("tmp/dangling").await, Err(ErrorCode::NoEntry));

    let root = world.root();
    let open = world.fs().open_at(root, PathFlags::empty(), "tmp/l".to_owned(), OpenFlags::empty(), READ).await;
    assert_eq!(open.map_err(code).unwrap_err(), ErrorCode::Loop);
    let exclusive = OpenFlags::CREATE | OpenFlags::EXCLUSIVE;
    assert_eq!(world.open("tmp/dangling", exclusive, WRITE).await.unwrap_err(), ErrorCode::Exist);
    world.write("tmp/dangling", "made").await.unwrap();
    assert_eq!(world.read("tmp/nowhere").await.unwrap(), "made");

    world.rename("tmp/l", "tmp/m").await.unwrap();
    assert_eq!(world.readlink("tmp/m").await.unwrap(), "/etc");
    assert_eq!(world.readlink("etc/name").await, Err(ErrorCode::Invalid));
    world.unlink("tmp/m").await.unwrap();
    assert_eq!(world.kind("etc").await, Ok(DescriptorType::Directory));
    assert_eq!(world.symlink("", "tmp/empty").await, Err(ErrorCode::NoEntry));
    assert_eq!(world.symlink("x", "tmp/slash/").await, Err(ErrorCode::NoEntry));
}
