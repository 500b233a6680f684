//! What of a complaint's history its clocks run by.

use database::Conn;

use super::{history, ranks};
use crate::domain::Complaint;
use crate::domain::moments::{Moment, moments};

pub async fn of(conn: &mut Conn, complaint: &Complaint) -> database::Result<Vec<Moment>> {
    let steps = history::steps(conn, complaint.id).await?;
    let mut ranks: Vec<_> =
        ranks::of(conn, complaint.id).await?.into_iter().map(|ranked| (ranked.seq, ranked.rank, ranked.at)).collect();
    if ranks.is_empty() {
        // From before ranks were kept: it always had the one it has.
        ranks.push((1, complaint.rank(), complaint.timeline.received_at));
    }
    Ok(moments(&steps, &ranks))
}
