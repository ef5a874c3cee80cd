use super::*;

/// A directory of its own for a test, and the identity file in it.
fn place() -> (tempfile::TempDir, PathBuf) {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("identity");
    (directory, path)
}

fn write(path: &Path, bytes: &[u8]) {
    fs::write(path, bytes).unwrap();
    chmod(path, 0o600);
}

#[cfg(unix)]
fn chmod(path: &Path, mode: u32) {
    fs::set_permissions(path, std::os::unix::fs::PermissionsExt::from_mode(mode)).unwrap();
}

#[cfg(unix)]
fn mode(path: &Path) -> u32 {
    use std::os::unix::fs::PermissionsExt;
    fs::metadata(path).unwrap().permissions().mode() & 0o7777
}

/// The one line that the operator reads.
fn refused(path: &Path) -> String {
    let line = Identity::load_or_create(path).unwrap_err().to_string();
    assert!(line.contains(&path.display().to_string()), "names the file: {line}");
    assert!(!line.contains('\n'), "one line: {line}");
    line
}

#[test]
fn a_missing_file_is_made_and_read_back() {
    let (directory, _) = place();
    let path = directory.path().join("deep/er/identity");
    let id = Identity::load_or_create(&path).unwrap().peer_id();
    let again = Identity::load_or_create(&path).unwrap();
    assert_eq!(again.peer_id(), id);
    assert_eq!(again.path(), Some(path.as_path()));
    assert_eq!(fs::metadata(&path).unwrap().len(), 68);
    #[cfg(unix)]
    {
        assert_eq!(mode(&path), 0o600);
        assert_eq!(mode(path.parent().unwrap()), 0o700);
        assert_eq!(mode(path.parent().unwrap().parent().unwrap()), 0o700);
    }
    let left: Vec<_> = fs::read_dir(path.parent().unwrap()).unwrap().collect();
    assert_eq!(left.len(), 1, "no temporary file is left");
}

#[test]
fn the_file_is_libp2ps_own_encoding() {
    let (_directory, path) = place();
    let keypair = Keypair::generate_ed25519();
    write(&path, &keypair.to_protobuf_encoding().unwrap());
    assert_eq!(Identity::load_or_create(&path).unwrap().peer_id(), keypair.public().to_peer_id());
}

#[test]
fn ephemeral_identities_differ_and_have_no_file() {
    let (one, two) = (Identity::ephemeral(), Identity::ephemeral());
    assert_ne!(one.peer_id(), two.peer_id());
    assert_eq!(one.path(), None);
}

#[test]
fn a_second_user_is_refused_until_the_first_has_gone() {
    let (_directory, path) = place();
    for round in ["created", "loaded"] {
        let identity = Identity::load_or_create(&path).unwrap();
        let error = Identity::load_or_create(&path).unwrap_err();
        assert!(matches!(&error, IdentityError::InUse { path: named } if *named == path), "{round}: {error}");
        drop(identity);
    }
    Identity::load_or_create(&path).unwrap();
}

#[test]
fn of_many_that_start_at_once_one_gets_the_identity() {
    let (_directory, path) = place();
    let barrier = std::sync::Barrier::new(8);
    let results: Vec<_> = std::thread::scope(|scope| {
        let start = || {
            barrier.wait();
            Identity::load_or_create(&path)
        };
        let threads: Vec<_> = (0..8).map(|_| scope.spawn(start)).collect();
        threads.into_iter().map(|thread| thread.join().unwrap()).collect()
    });
    let (won, lost): (Vec<_>, Vec<_>) = results.into_iter().partition(Result::is_ok);
    assert_eq!(won.len(), 1);
    for error in lost.into_iter().map(Result::unwrap_err) {
        assert!(matches!(error, IdentityError::InUse { .. }), "{error}");
    }
}

#[test]
fn garbage_is_refused() {
    let (_directory, path) = place();
    let key = Keypair::generate_ed25519().to_protobuf_encoding().unwrap();
    let mut other_half = key.clone();
    other_half[40] ^= 1;
    for bytes in [&b""[..], b"hello", &key[..67], &key[1..], &[0xff; 100], &other_half] {
        write(&path, bytes);
        assert!(refused(&path).contains("no private key"), "{bytes:?}");
        assert_eq!(fs::read(&path).unwrap(), bytes, "it is left as it was");
    }
}

#[test]
fn keys_of_other_kinds_are_named() {
    let (_directory, path) = place();
    for (kind, name) in [(0, "RSA"), (2, "Secp256k1"), (3, "ECDSA")] {
        let mut bytes = vec![0x08, kind, 0x12, 32];
        bytes.extend([7; 32]);
        write(&path, &bytes);
        assert!(refused(&path).contains(name));
    }
}

#[test]
fn a_huge_file_is_not_read() {
    let (_directory, path) = place();
    write(&path, b"");
    File::options().write(true).open(&path).unwrap().set_len(1 << 40).unwrap();
    assert!(refused(&path).contains(&MAX_FILE_BYTES.to_string()));
}

#[test]
fn a_directory_is_refused() {
    let (directory, path) = place();
    fs::create_dir(&path).unwrap();
    assert!(refused(&path).contains("no regular file"));
    assert!(refused(&directory.path().join("identity/.")).contains("no regular file"));
}

#[cfg(unix)]
#[test]
fn a_socket_or_a_device_is_refused_without_waiting_for_it() {
    let (_directory, path) = place();
    let _listener = std::os::unix::net::UnixListener::bind(&path).unwrap();
    assert!(refused(&path).contains("no regular file"));
    assert!(refused(Path::new("/dev/null")).contains("no regular file"));
}

#[cfg(unix)]
#[test]
fn a_file_that_others_can_read_is_refused() {
    let (_directory, path) = place();
    drop(Identity::load_or_create(&path).unwrap());
    for mode in [0o644, 0o640, 0o604, 0o620, 0o601] {
        chmod(&path, mode);
        let line = refused(&path);
        assert!(line.contains(&format!("{mode:04o}")) && line.contains("chmod 600"), "{line}");
    }
    chmod(&path, 0o400);
    Identity::load_or_create(&path).unwrap();
}

#[cfg(unix)]
#[test]
fn a_link_is_followed_unless_it_leads_nowhere() {
    let (directory, path) = place();
    let link = directory.path().join("link");
    std::os::unix::fs::symlink(&path, &link).unwrap();
    assert!(refused(&link).contains("symbolic link to nothing"));
    let id = Identity::load_or_create(&path).unwrap().peer_id();
    assert_eq!(Identity::load_or_create(&link).unwrap().peer_id(), id);
    let itself = directory.path().join("loop");
    std::os::unix::fs::symlink(&itself, &itself).unwrap();
    assert!(refused(&itself).contains("cannot be read"));
}

/// Root may read and write everywhere, so what nobody can read or write stands in for missing permissions.
#[test]
fn an_unreadable_file_and_an_unwritable_directory_are_refused() {
    let (directory, path) = place();
    write(&path, b"in the way");
    let below = path.join("identity");
    assert!(refused(&below).contains("cannot be"));
    #[cfg(target_os = "linux")]
    {
        assert!(refused(Path::new("/proc/ww/identity")).contains("cannot be created"));
        assert!(refused(Path::new("/proc/self/mem")).contains("cannot be read"));
    }
    drop(directory);
}

#[test]
fn a_path_without_a_directory_is_taken_from_the_working_directory() {
    assert!(refused(Path::new("/")).contains("no regular file"));
    assert!(refused(Path::new("..")).contains("no regular file"));
    let empty = Identity::load_or_create(Path::new("")).unwrap_err();
    assert!(matches!(empty, IdentityError::Create { .. } | IdentityError::NotAFile { .. }), "{empty}");
}

#[test]
fn the_key_is_not_in_the_debug_text() {
    let identity = Identity::ephemeral();
    let text = format!("{identity:?}");
    assert!(text.contains(&identity.peer_id().to_base58()));
    assert_eq!(text, format!("Identity {{ peer_id: {:?}, path: None }}", identity.peer_id()));
}
