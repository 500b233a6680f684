use bytes::{Bytes, BytesMut};
use chassis::audit;
use complaints_contract::{ComplaintAttachment, ComplaintAttachmentId, ComplaintId};
use database::Db;
use filestore::{MultipartUpload, ObjectStoreExt as _, Path, WriteMultipart};
use futures::{Stream, StreamExt as _};
use messaging::Act;
use ring::digest;
use wire::Reference;

use super::intake::existing;
use super::transitions::Which;
use crate::attachments::Attachments;
use crate::domain::Authority;
use crate::domain::attachment::{HEAD, file_name, media_type};
use crate::error::Error;
use crate::queries;
use crate::store::attachments;

/// A file as it comes.
pub struct Upload<S> {
    pub name: String,
    pub pieces: S,
}

/// Keeps a file: first in the store, then in the database, so that whatever is listed is there. What fails in between
/// leaves a file that the sweeper finds.
///
/// # Errors
/// Where it is too large, empty, of a type that is not allowed, or one too many; then nothing is kept.
pub async fn attach_file<E>(
    db: &Db,
    files: &Attachments,
    act: &Act,
    who: &Authority,
    which: &Which,
    upload: Upload<impl Stream<Item = Result<Bytes, E>> + Unpin>,
) -> Result<ComplaintAttachment, Error> {
    let id = ComplaintAttachmentId::from(act.new_id());
    let (complaint, before) = queries::attachments_of(db, who, which).await?;
    // The request was repeated after its commit and before its answer was kept.
    if let Some(done) = before.iter().find(|attachment| attachment.id == id) {
        return Ok(done.clone());
    }
    room_for_another(files, before.len())?;
    let path = files.path(complaint, id)?;
    let Upload { name, mut pieces } = upload;
    let head = head(&mut pieces).await?;
    let media_type = media_type(&head).ok_or(Error::AttachmentType)?;
    let kept = keep(files, &path, head, pieces).await?;
    let attachment = ComplaintAttachment {
        id,
        name: file_name(&name),
        media_type: media_type.to_owned(),
        size: kept.size,
        sha256: kept.sha256,
        by: act.actor.clone(),
        from_complainant: *who == Authority::Complainant,
        at: act.at,
    };
    match enter(db, files, act, who, complaint, &attachment).await {
        Ok(()) => Ok(attachment),
        // Perhaps the commit came through and only its answer did not: a file without a row is swept in time.
        Err(error @ Error::Database(_)) => Err(error),
        Err(error) => {
            discard(files, &path).await;
            Err(error)
        }
    }
}

async fn enter(
    db: &Db,
    files: &Attachments,
    act: &Act,
    who: &Authority,
    complaint: ComplaintId,
    attachment: &ComplaintAttachment,
) -> Result<(), Error> {
    let mut tx = db.begin().await?;
    // Locked: two uploads at once do not both find the last place.
    existing(&mut tx, who, &Reference::Id(complaint)).await?;
    room_for_another(files, attachments::of(&mut tx, complaint).await?.len())?;
    attachments::insert(&mut tx, complaint, attachment).await?;
    audit::record(&mut tx, act, "complaint.attached", "complaint", complaint.into()).await?;
    Ok(tx.commit().await?)
}

fn room_for_another(files: &Attachments, count: usize) -> Result<(), Error> {
    if count < files.most { Ok(()) } else { Err(Error::AttachmentsFull { most: files.most }) }
}

/// As much as the type is told by, or all there is.
async fn head<E>(pieces: &mut (impl Stream<Item = Result<Bytes, E>> + Unpin)) -> Result<Bytes, Error> {
    let mut head = BytesMut::new();
    while head.len() < HEAD
        && let Some(piece) = pieces.next().await
    {
        head.extend_from_slice(&piece.map_err(|_| Error::AttachmentBroken)?);
    }
    if head.is_empty() { Err(Error::AttachmentEmpty) } else { Ok(head.freeze()) }
}

struct Kept {
    size: i64,
    sha256: String,
}

async fn keep<E>(
    files: &Attachments,
    path: &Path,
    head: Bytes,
    pieces: impl Stream<Item = Result<Bytes, E>> + Unpin,
) -> Result<Kept, Error> {
    let upload: Box<dyn MultipartUpload> = files.store()?.put_multipart(path).await?;
    let mut writer = WriteMultipart::new(upload);
    let mut hash = digest::Context::new(&digest::SHA256);
    let mut size = 0_u64;
    let first = futures::stream::iter([Ok(head)]);
    let mut pieces = first.chain(pieces);
    while let Some(piece) = pieces.next().await {
        let fault = match piece {
            Err(_) => Some(Error::AttachmentBroken),
            Ok(piece) => {
                size += piece.len() as u64;
                hash.update(&piece);
                // At most one part is on its way while the next one comes in.
                let capacity = writer.wait_for_capacity(1).await;
                writer.write(&piece);
                if size > files.largest {
                    Some(Error::AttachmentTooLarge { largest: files.largest })
                } else {
                    capacity.err().map(Into::into)
                }
            }
        };
        if let Some(fault) = fault {
            if let Err(error) = writer.abort().await {
                tracing::warn!(%error, "an upload that was refused left parts in the store");
            }
            return Err(fault);
        }
    }
    writer.finish().await?;
    let sha256 = hash.finish().as_ref().iter().map(|byte| format!("{byte:02x}")).collect();
    Ok(Kept { size: i64::try_from(size).unwrap_or(i64::MAX), sha256 })
}

async fn discard(files: &Attachments, path: &Path) {
    let deleted = match files.store() {
        Ok(store) => store.delete(path).await,
        Err(_) => return,
    };
    if let Err(error) = deleted {
        tracing::warn!(%error, "a file that was refused is still in the store; it is swept away later");
    }
}
