//! Streams of bytes that somebody else serves.

use capnp::{Error, Result};
use ww_capnp::system_capnp::byte_stream;

/// Bytes of one write at most, as the schema says.
pub(crate) const MAX_WRITE: usize = 256 << 10;

/// A stream of bytes that somebody else serves, such as the standard input of whoever typed a command.
///
/// Its errors are those of the stream: `failed` where it cannot be read or written, `disconnected` where the other side is
/// gone. A command that meets one has nobody left to tell: it returns it.
#[derive(Clone)]
pub struct ByteStream(byte_stream::Client);

impl From<byte_stream::Client> for ByteStream {
    fn from(client: byte_stream::Client) -> Self {
        Self(client)
    }
}

impl ByteStream {
    /// Some bytes, as soon as there are any; none at the end.
    ///
    /// # Errors
    /// Where the stream cannot be read.
    pub async fn read(&self) -> Result<Vec<u8>> {
        let answer = self.0.read_request().send().promise.await?;
        Ok(answer.get()?.get_data()?.to_vec())
    }

    /// All bytes up to the end.
    ///
    /// # Errors
    /// `failed` where there are more than `limit`; where the stream cannot be read.
    pub async fn read_to_end(&self, limit: usize) -> Result<Vec<u8>> {
        let mut all = Vec::new();
        loop {
            let bytes = self.read().await?;
            if bytes.is_empty() {
                return Ok(all);
            }
            if bytes.len() > limit - all.len() {
                return Err(Error::failed(format!("there are more than {limit} bytes to read, which is the most")));
            }
            all.extend(bytes);
        }
    }

    /// Writes all of `bytes`, as fast as they are taken.
    ///
    /// # Errors
    /// Where the stream cannot be written.
    pub async fn write_all(&self, bytes: &[u8]) -> Result<()> {
        for chunk in bytes.chunks(MAX_WRITE) {
            let mut request = self.0.write_request();
            request.get().set_data(chunk);
            request.send().await?;
        }
        Ok(())
    }

    /// Copies to `other` up to the end, as fast as that takes it; it is not ended.
    ///
    /// # Errors
    /// Where one cannot be read, or the other one not written.
    pub async fn copy_to(&self, other: &Self) -> Result<()> {
        loop {
            let bytes = self.read().await?;
            if bytes.is_empty() {
                return Ok(());
            }
            other.write_all(&bytes).await?;
        }
    }
}
