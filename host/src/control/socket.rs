//! Where the sockets are, and what is spoken over them.

use std::io;
use std::os::fd::AsRawFd;
use std::os::unix::fs::{DirBuilderExt, PermissionsExt};
use std::path::{Path, PathBuf};

use capnp_rpc::rpc_twoparty_capnp::Side;
use capnp_rpc::{VatNetwork, twoparty};
use tokio::net::{UnixListener, UnixStream};
use tokio_util::compat::{TokioAsyncReadCompatExt, TokioAsyncWriteCompatExt};

/// The folder of the sockets, in the data directory.
const FOLDER: &str = "control";

/// How the names of sockets end.
const SUFFIX: &str = "sock";

/// The socket cannot be made.
#[derive(Debug, thiserror::Error)]
#[error("node: cannot make a control socket in {}: {cause}", folder.display())]
pub struct SocketError {
    folder: PathBuf,
    cause: io::Error,
}

/// A socket that is listened on. It is removed with this.
pub(super) struct Socket {
    pub(super) listener: UnixListener,
    path: PathBuf,
}

impl Socket {
    /// Makes the socket of this process.
    pub(super) fn listen(data: &Path) -> Result<Self, SocketError> {
        let folder = data.join(FOLDER);
        let listening = in_folder(&folder);
        let (listener, name) = listening.map_err(|cause| SocketError { folder: folder.clone(), cause })?;
        Ok(Self { listener, path: folder.join(name) })
    }
}

impl Drop for Socket {
    fn drop(&mut self) {
        // Whoever finds it without us removes it.
        let _ = std::fs::remove_file(&self.path);
    }
}

fn in_folder(folder: &Path) -> io::Result<(UnixListener, String)> {
    std::fs::DirBuilder::new().recursive(true).mode(0o700).create(folder)?;
    let open = std::fs::File::open(folder)?;
    let name = format!("{}.{SUFFIX}", std::process::id());
    let address = short(&open, &name);
    // Of an earlier process of our number, which is gone.
    match std::fs::remove_file(&address) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(error),
        _ => {}
    }
    let listener = UnixListener::bind(&address)?;
    std::fs::set_permissions(&address, std::fs::Permissions::from_mode(0o600))?;
    Ok((listener, name))
}

/// A path that fits into the address of a socket, which has room for 107 bytes only.
fn short(folder: &std::fs::File, name: &str) -> PathBuf {
    PathBuf::from(format!("/proc/self/fd/{}/{name}", folder.as_raw_fd()))
}

/// Connects to all nodes that use a data directory. What nobody listens on any more is removed.
pub(super) async fn connect_all(data: &Path) -> Vec<UnixStream> {
    let folder = data.join(FOLDER);
    let Ok(open) = std::fs::File::open(&folder) else { return Vec::new() };
    let entries = std::fs::read_dir(&folder).into_iter().flatten().flatten();
    let mut names: Vec<_> = entries.filter_map(|entry| entry.file_name().into_string().ok()).collect();
    names.retain(|name| Path::new(name).extension().is_some_and(|extension| extension == SUFFIX));
    names.sort_unstable();
    let mut streams = Vec::new();
    for name in names {
        match UnixStream::connect(short(&open, &name)).await {
            Ok(stream) => streams.push(stream),
            Err(error) if error.kind() == io::ErrorKind::ConnectionRefused => {
                let _ = std::fs::remove_file(folder.join(name));
            }
            Err(_) => {}
        }
    }
    streams
}

/// Two-party RPC over a socket, for one of its ends.
pub(super) fn network(stream: UnixStream, side: Side) -> Box<dyn VatNetwork<Side>> {
    let (reader, writer) = stream.into_split();
    Box::new(twoparty::VatNetwork::new(reader.compat(), writer.compat_write(), side, Default::default()))
}
