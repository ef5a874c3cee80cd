//! Layers over each other, as a guest sees them.

use super::super::limits::{LIST_WINDOW, MAX_LAYERS, MAX_NAME, NAME_COST};
use super::super::offload::JOBS;
use super::super::{FsError, TooManyLayers, TreePath, Walk, read_file};
use super::*;
use std::sync::atomic::{AtomicBool, Ordering};

/// All that a guest can walk to from `path`, as [`make`] writes it; `/tmp` and `/var` are left out.
async fn seen(world: &mut World) -> Vec<String> {
    let (mut todo, mut seen) = (vec![".".to_owned()], Vec::new());
    while let Some(path) = todo.pop() {
        for name in world.list(&path).await.unwrap() {
            let path = if path == "." { name } else { format!("{path}/{name}") };
            if ["tmp", "var"].contains(&path.as_str()) {
                continue;
            }
            let root = world.root();
            let stat = world.fs().stat_at(root, PathFlags::empty(), path.clone()).await.map_err(code).unwrap();
            seen.push(match stat.type_ {
                DescriptorType::Directory => {
                    todo.push(path.clone());
                    format!("{path}/")
                }
                DescriptorType::SymbolicLink => format!("{path}->{}", world.readlink(&path).await.unwrap()),
                _ => format!("{path}={}", world.read(&path).await.unwrap()),
            });
        }
    }
    seen.sort();
    seen
}

async fn check(layers: &[&[&str]], expected: &[&str]) {
    assert_eq!(seen(&mut World::layered(layers)).await, expected, "{layers:?}");
}

#[tokio::test]
async fn directories_merge_and_the_later_file_wins() {
    check(&[&["d/a=1", "d/b=1"], &["d/b=2", "d/c=2"]], &["d/", "d/a=1", "d/b=2", "d/c=2"]).await;
    check(&[&["a/b/c=1"], &["a/x=2"], &["a/b/d=3"]], &["a/", "a/b/", "a/b/c=1", "a/b/d=3", "a/x=2"]).await;
    check(&[&[], &["e/"], &[]], &["e/"]).await;
}

#[tokio::test]
async fn what_is_no_directory_replaces_and_is_replaced_whole() {
    check(&[&["x/a=1"], &["x=2"]], &["x=2"]).await;
    check(&[&["x=1"], &["x/a=2"]], &["x/", "x/a=2"]).await;
    check(&[&["x/a=1"], &["x=2"], &["x/b=3"]], &["x/", "x/b=3"]).await;
    check(&[&["x/a=1", "y/c=1"], &["x->y"]], &["x->y", "y/", "y/c=1"]).await;
    check(&[&["x->y"], &["x/a=2"]], &["x/", "x/a=2"]).await;
    check(&[&["x->y"], &["x->z"]], &["x->z"]).await;
    check(&[&["x/y=1"], &["x/y/z=2"]], &["x/", "x/y/", "x/y/z=2"]).await;
}

#[tokio::test]
async fn a_removal_hides_what_is_below_and_nothing_else() {
    check(&[&["a=1", "b=1"], &[".wh.a="]], &["b=1"]).await;
    check(&[&["d/a=1", "d/e/f=1"], &["d/.wh.e="]], &["d/", "d/a=1"]).await;
    check(&[&["d/a=1"], &[".wh.d="]], &[]).await;
    check(&[&["d/a=1"], &[".wh.d="], &["d/b=3"]], &["d/", "d/b=3"]).await;
    check(&[&["a=1"], &["a=2"], &[".wh.a="], &["a=4"], &["b=5"]], &["a=4", "b=5"]).await;
    // In one layer with what it would remove: the entry is there, over nothing.
    check(&[&["a=1", "d/x=1"], &[".wh.a=", "a=2", ".wh.d=", "d/y=2"]], &["a=2", "d/", "d/y=2"]).await;
    // In the lowest layer, and of what is not there.
    check(&[&[".wh.a=", "a=1", "d/.wh..wh..opq=", "d/b=1"], &[".wh.none="]], &["a=1", "d/", "d/b=1"]).await;
    // Whatever a removal is made of.
    check(&[&["a=1", "b=1"], &[".wh.a/x=2", ".wh.b->nowhere"]], &[]).await;
}

#[tokio::test]
async fn an_opaque_directory_holds_nothing_from_below() {
    check(&[&["d/a=1", "d/e/f=1"], &["d/.wh..wh..opq=", "d/b=2"]], &["d/", "d/b=2"]).await;
    check(&[&["d/e/f=1"], &["d/.wh..wh..opq=", "d/e/g=2"]], &["d/", "d/e/", "d/e/g=2"]).await;
    check(&[&["d/a=1"], &["d/.wh..wh..opq="], &["d/c=3"]], &["d/", "d/c=3"]).await;
    check(&[&["a=1"], &[".wh..wh..opq=", "b=2"], &["c=3"]], &["b=2", "c=3"]).await;
    // Over a file there is nothing to hide.
    check(&[&["d=1"], &["d/.wh..wh..opq="]], &["d/"]).await;
}

#[tokio::test]
async fn no_name_of_a_removal_is_there() {
    let layers: &[&[&str]] =
        &[&["a=1", ".wh.zero="], &[".wh.a=", ".wh.dir/x=", "d/.wh..wh..opq=", ".wh.=", ".wh.l->d"]];
    let mut world = World::layered(layers);
    assert_eq!(world.list(".").await.unwrap(), ["d", "tmp", "var"]);
    assert_eq!(world.list("d").await.unwrap(), [""; 0]);
    for name in [".wh.a", ".wh.zero", ".wh.dir", ".wh.dir/x", "d/.wh..wh..opq", ".wh.", ".wh.l", "a"] {
        assert_eq!(world.kind(name).await, Err(ErrorCode::NoEntry), "{name}");
        assert_eq!(world.read(name).await, Err(ErrorCode::NoEntry), "{name}");
    }
    // Neither through a link.
    host_link(".wh.zero", world.host.path().join("1/link"));
    assert_eq!(world.read("link").await, Err(ErrorCode::NoEntry));
}

#[tokio::test]
async fn links_lead_from_one_layer_into_another() {
    let mut world = World::layered(&[
        &["etc/name=base", "lib/down->/app/up", "old->etc"],
        &["app/up=up", "app/name->../etc/name", "app/lib->/lib", "etc->lib/etc", "lib/etc/name=moved"],
    ]);
    assert_eq!(world.read("lib/down").await.unwrap(), "up");
    assert_eq!(world.read("app/name").await.unwrap(), "moved", "the later layer's link took the place of a directory");
    assert_eq!(world.read("app/lib/down").await.unwrap(), "up");
    assert_eq!(world.read("old/name").await.unwrap(), "moved");
    assert_eq!(world.read("app/lib/../app/up").await.unwrap(), "up");
    host_link("../../secret", world.host.path().join("1/app/out"));
    std::fs::write(world.host.path().join("secret"), "host").unwrap();
    assert_eq!(world.read("app/out").await, Err(ErrorCode::NotPermitted));
}

#[tokio::test]
async fn errors_are_those_of_one_tree() {
    let mut world = World::layered(&[&["f=1", "d/x=1", "l->d"], &["d/y/z=2"], &["f2=3"]]);
    assert_eq!(world.read("f/x").await, Err(ErrorCode::NotDirectory));
    assert_eq!(world.read("f2/x").await, Err(ErrorCode::NotDirectory));
    assert_eq!(world.read("d/x/y").await, Err(ErrorCode::NotDirectory));
    assert_eq!(world.read("d/none").await, Err(ErrorCode::NoEntry));
    assert_eq!(world.read("none/x").await, Err(ErrorCode::NoEntry));
    assert_eq!(world.list("f").await, Err(ErrorCode::NotDirectory));
    assert_eq!(world.read("l/x").await.unwrap(), "1");
    assert_eq!(world.write("d/x", "").await, Err(ErrorCode::ReadOnly));
    assert_eq!(world.write("d/new", "").await, Err(ErrorCode::ReadOnly));
    assert_eq!(world.mkdir("d/y").await, Err(ErrorCode::Exist));

    // What one layer has as a file is not in the way where a higher one has a directory.
    let mut world = World::layered(&[&["a=1"], &["a/b/"]]);
    assert_eq!(world.read("a/x").await, Err(ErrorCode::NoEntry));
    assert_eq!(world.read("a/b/x").await, Err(ErrorCode::NoEntry));
}

#[tokio::test]
async fn a_layer_that_cannot_be_read_is_not_passed_over() {
    use std::os::unix::fs::PermissionsExt;
    let mut world = World::layered(&[&["d/a=1"], &["d/.wh.a="]]);
    let closed = world.host.path().join("1/d");
    let set = |mode| std::fs::set_permissions(&closed, std::fs::Permissions::from_mode(mode)).unwrap();
    set(0o000);
    let readable = std::fs::read_dir(&closed).is_ok();
    let read = world.read("d/a").await;
    set(0o755);
    // Root may read everything.
    assert_eq!(read, Err(if readable { ErrorCode::NoEntry } else { ErrorCode::Access }));
}

#[tokio::test]
async fn names_come_sorted_with_the_writable_directories_among_them() {
    let mut world = World::layered(&[&["z=", "tmp/hidden=", "b=", "u="], &["a=", "var=file"]]);
    let root = world.root();
    let stream = world.fs().read_directory(root).await.unwrap();
    let mut names = Vec::new();
    while let Some(entry) = world.fs().read_directory_entry(Resource::new_borrow(stream.rep())).await.unwrap() {
        names.push(entry.name);
    }
    assert_eq!(names, ["a", "b", "tmp", "u", "var", "z"]);
    assert_eq!(world.list("tmp").await.unwrap(), [""; 0]);
}

#[tokio::test]
async fn objects_of_layers_are_told_apart() {
    let mut world = World::layered(&[&["sub/d/f=1", "g=1"], &["d/f=2"]]);
    // The same directory twice: as a layer of its own, and as a part of another.
    let (host, trees) = (world.host.path(), ["0", "0/sub", "1", "1"]);
    let trees = trees.map(|path| Arc::new(LocalTree::open(&host.join(path)).unwrap()) as Arc<dyn Tree>);
    let image = Arc::new(Union::new(trees.into()).unwrap());
    world.ctx = FsCtx::new(FsConfig { tmp: Home::Private(host.join("tmp")), ..FsConfig::new(image) });
    assert_eq!(seen(&mut world).await, ["d/", "d/f=2", "g=1", "sub/", "sub/d/", "sub/d/f=1"]);

    let paths = [".", "tmp", "var", "d", "d/f", "g", "sub", "sub/d", "sub/d/f"];
    let mut hashes = Vec::new();
    for path in paths {
        let fd = world.open(path, OpenFlags::empty(), READ).await.unwrap();
        let same = world.open(path, OpenFlags::empty(), READ).await.unwrap();
        assert!(world.fs().is_same_object(borrow(&fd), same).unwrap(), "{path}");
        let root = world.root();
        let at = world.fs().metadata_hash_at(root, FOLLOW, path.to_owned()).await.unwrap();
        let hash = world.fs().metadata_hash(fd).unwrap();
        assert_eq!((hash.lower, hash.upper), (at.lower, at.upper), "{path}");
        assert!(!hashes.contains(&hash.lower), "{path}");
        hashes.push(hash.lower);
    }
}

#[tokio::test]
async fn the_layers_have_a_limit() {
    let host = TempDir::new().unwrap();
    let tree = Arc::new(LocalTree::open(host.path()).unwrap()) as Arc<dyn Tree>;
    make(host.path(), "a=all");
    let union = Union::new(vec![tree.clone(); MAX_LAYERS]).unwrap();
    assert!(matches!(union.origin(&TreePath::parse("a").unwrap()).await, Ok(Walk::Done(31))));
    let error = Union::new(vec![tree; MAX_LAYERS + 1]).err().unwrap();
    assert_eq!(error, TooManyLayers { count: 33 });
    assert_eq!(error.to_string(), "33 layers: at most 32 can be merged");

    let nothing = Union::new(Vec::new()).unwrap();
    assert_eq!(nothing.lookup(&TreePath::root()).await.unwrap_err(), FsError::NotFound);
}

#[tokio::test]
async fn a_name_may_be_too_long_to_be_removed() {
    let name = "n".repeat(MAX_NAME);
    let (file, below) = (format!("{name}=1"), format!("d/{name}=2"));
    let mut world = World::layered(&[&[&file, &below], &["d/"]]);
    assert_eq!(world.read(&name).await.unwrap(), "1");
    assert_eq!(world.read(&format!("d/{name}")).await.unwrap(), "2");
}

#[tokio::test]
async fn a_long_directory_comes_whole_and_in_order() {
    let mut world = World::layered(&[&["many/"], &["many/.wh.00007="]]);
    let many = |layer: &str| world.host.path().join(layer).join("many");
    let count = 3 * LIST_WINDOW / (NAME_COST + 5) / 2;
    for index in 0..count {
        std::fs::write(many(["0", "1"][index % 2]).join(format!("{index:05}")), "").unwrap();
    }
    // In both layers, and removed by an odd file's layer.
    std::fs::write(many("0").join("00007"), "").unwrap();
    std::fs::remove_file(many("1").join("00007")).unwrap();
    let fd = world.open("many", OpenFlags::DIRECTORY, READ).await.unwrap();
    let stream = world.fs().read_directory(fd).await.unwrap();
    let jobs = JOBS.get();
    let mut names = Vec::new();
    while let Some(entry) = world.fs().read_directory_entry(Resource::new_borrow(stream.rep())).await.unwrap() {
        names.push(entry.name);
    }
    let expected: Vec<_> = (0..count).filter(|index| *index != 7).map(|index| format!("{index:05}")).collect();
    assert_eq!(names, expected);
    assert_eq!(JOBS.get() - jobs, 1, "the second window");
}

#[tokio::test]
async fn a_path_costs_one_hop_however_many_layers_there_are() {
    let mut layers: Vec<&[&str]> = vec![&["e/.wh.a=", "e/f="]; MAX_LAYERS];
    layers[0] = &["d/e/f=lowest", "e/f="];
    let mut world = World::layered(&layers);
    let before = JOBS.get();
    let fd = world.open("d/e/f", OpenFlags::empty(), READ).await.unwrap();
    assert_eq!(JOBS.get() - before, 1);
    world.close(fd);
    assert_eq!(world.kind("d/none").await, Err(ErrorCode::NoEntry));
    assert_eq!(JOBS.get() - before, 2);
    assert_eq!(world.list("e").await.unwrap(), ["f"]);
    assert_eq!(JOBS.get() - before, 4, "one to open, one to list");
}

#[tokio::test]
async fn the_host_reads_a_file_as_a_guest_would() {
    let world =
        World::layered(&[&["boot/main=base", "boot/link->/boot/main"], &["boot/main=app", "boot/out->../../x"]]);
    let image = [0, 1]
        .map(|index| Arc::new(LocalTree::open(&world.host.path().join(index.to_string())).unwrap()) as Arc<dyn Tree>);
    let image: Arc<dyn Tree> = Arc::new(Union::new(image.into()).unwrap());
    let read = |path: &'static str, most| read_file(image.clone(), path, most);
    let found = |path: &str, text: &str| Ok((TreePath::parse(path).unwrap(), text.as_bytes().to_vec()));
    assert_eq!(read("boot/main", 100).await, found("boot/main", "app"));
    assert_eq!(read("boot/link", 100).await, found("boot/main", "app"));
    assert_eq!(read("boot/main", 2).await, found("boot/main", "ap"));
    assert_eq!(read("boot/out", 100).await, Err(FsError::NotPermitted));
    assert_eq!(read("boot", 100).await, Err(FsError::IsDirectory));
    assert_eq!(read("tmp/x", 100).await, Err(FsError::NotFound));
}

/// The directory of a layer and a link that leads out of it change places while a guest reads through both layers.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_layer_that_changes_meanwhile_leads_nowhere() {
    let mut world = World::layered(&[&["d/f=base"], &["d/f=app", "d/.wh.g="]]);
    let host = world.host.path().to_owned();
    make(&host, "outside/f=secret");
    make(&host, "outside/g=secret");
    host_link(host.join("outside"), host.join("1/link"));
    let stop = Arc::new(AtomicBool::new(false));
    let stopped = stop.clone();
    let swapper = std::thread::spawn(move || {
        let [d, link, aside] = ["1/d", "1/link", "1/aside"].map(|path| host.join(path));
        while !stopped.load(Ordering::Relaxed) {
            for (from, to) in [(&d, &aside), (&link, &d), (&d, &link), (&aside, &d)] {
                std::fs::rename(from, to).unwrap();
            }
        }
    });
    for _ in 0..400 {
        if let Ok(text) = world.read("d/f").await {
            assert!(["app", "base"].contains(&text.as_str()), "{text}");
        }
        assert!(world.read("d/g").await.is_err());
        if let Ok(names) = world.list("d").await {
            assert!(names.is_empty() || names == ["f"], "{names:?}");
        }
    }
    stop.store(true, Ordering::Relaxed);
    swapper.join().unwrap();
    assert_eq!(world.read("d/f").await.unwrap(), "app");
}
