//! Frames on a stream: four bytes of length, most significant first, then that many bytes.

use belay_protocol::fault::{Fault, Result};
use futures::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt};

/// Bytes in front of each frame.
pub const PREFIX: usize = 4;
/// Bytes of a frame before admission: a certificate with a hybrid prekey is some 1.5 KB, an invite's answer holds two.
pub const HANDSHAKE_BYTES: usize = 64 * 1024;

/// Reads one frame. `None`: the peer closed between frames.
///
/// # Errors
/// `Malformed`: longer than `bound`, or cut short by the end of the stream; `Misuse`: the connection broke.
pub async fn read(stream: &mut (impl AsyncRead + Unpin), bound: usize) -> Result<Option<Vec<u8>>> {
    let mut prefix = [0; PREFIX];
    let mut have = 0;
    while have < PREFIX {
        match stream.read(prefix.get_mut(have..).unwrap_or_default()).await {
            Ok(0) if have == 0 => return Ok(None),
            Ok(0) => return Err(Fault::malformed("a frame was cut short")),
            Ok(more) => have += more,
            Err(e) => return Err(broke(&e)),
        }
    }
    let length = u32::from_be_bytes(prefix) as usize;
    if length > bound {
        return Err(Fault::malformed(format!("a frame of {length} bytes, at most {bound} are taken")));
    }
    let mut frame = vec![0; length];
    stream.read_exact(&mut frame).await.map_err(|e| match e.kind() {
        std::io::ErrorKind::UnexpectedEof => Fault::malformed("a frame was cut short"),
        _ => broke(&e),
    })?;
    Ok(Some(frame))
}

/// Writes one frame; it leaves with the next flush.
///
/// # Errors
/// `Bug`: longer than four bytes can say; `Misuse`: the connection broke.
pub async fn write(stream: &mut (impl AsyncWrite + Unpin), frame: &[u8]) -> Result<()> {
    let length = u32::try_from(frame.len()).map_err(|_| Fault::bug("a frame of 4 GiB"))?;
    // One write: a prefix on its own would cost a packet of its own.
    let mut bytes = Vec::with_capacity(PREFIX + frame.len());
    bytes.extend_from_slice(&length.to_be_bytes());
    bytes.extend_from_slice(frame);
    stream.write_all(&bytes).await.map_err(|e| broke(&e))
}

/// Sends on what was written.
///
/// # Errors
/// `Misuse`: the connection broke.
pub async fn flush(stream: &mut (impl AsyncWrite + Unpin)) -> Result<()> {
    stream.flush().await.map_err(|e| broke(&e))
}

fn broke(error: &std::io::Error) -> Fault {
    Fault::misuse(format!("the connection broke: {error}"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use futures::executor::block_on;
    use futures::io::Cursor;

    #[test]
    fn frames_come_out_as_they_went_in() {
        let mut wire = Cursor::new(Vec::new());
        for frame in [&b""[..], b"one", &[9; 70_000]] {
            block_on(write(&mut wire, frame)).unwrap();
        }
        wire.set_position(0);
        for expected in [&b""[..], b"one", &[9; 70_000]] {
            assert_eq!(block_on(read(&mut wire, 70_000)).unwrap().unwrap(), expected);
        }
        assert_eq!(block_on(read(&mut wire, 70_000)).unwrap(), None);
    }

    #[test]
    fn a_frame_over_its_bound_is_refused_before_its_bytes_come() {
        let mut wire = Cursor::new(vec![0xff, 0xff, 0xff, 0xff]);
        assert!(block_on(read(&mut wire, 100)).unwrap_err().message.contains("at most 100"));
    }

    #[test]
    fn a_frame_cut_short_is_told() {
        for bytes in [vec![0, 0], vec![0, 0, 0, 5, 1, 2]] {
            assert!(block_on(read(&mut Cursor::new(bytes), 100)).unwrap_err().message.contains("cut short"));
        }
    }
}
