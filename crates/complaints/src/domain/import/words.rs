//! What cells of files from elsewhere say, in our words.

use chrono::{DateTime, NaiveDate, NaiveDateTime, NaiveTime, Utc};
use complaints_contract::{Channel, State};

pub fn channel(cell: &str) -> Option<Channel> {
    let word = cell.to_lowercase().replace([' ', '-'], "_");
    Some(match word.as_str() {
        "website" | "online" | "网站" | "网络" => Channel::Web,
        "call" | "telephone" | "hotline" | "电话" | "热线" => Channel::Phone,
        "e_mail" | "mail" | "邮件" | "电子邮件" => Channel::Email,
        "letter" | "post" | "信函" | "来信" => Channel::PostalMail,
        "传真" => Channel::Fax,
        "转办" | "转介" => Channel::Referral,
        "门户" => Channel::Portal,
        "ticket" | "工单" => Channel::Desk,
        "visit" | "walk_in" | "来访" | "现场" => Channel::InPerson,
        word => return word.parse().ok(),
    })
}

pub fn state(cell: &str) -> Option<State> {
    let word = cell.to_lowercase().replace([' ', '-'], "_");
    Some(match word.as_str() {
        "new" | "open" | "已受理" => State::Received,
        "in_progress" | "pending" | "处理中" | "调查中" => State::Investigating,
        "answered" | "已答复" => State::Responded,
        "solved" | "已解决" => State::Resolved,
        "已关闭" => State::Closed,
        "cancelled" | "canceled" | "已撤回" => State::Withdrawn,
        word => return word.parse().ok(),
    })
}

/// `Closed with explanation` and the like are closed; while an answer is awaited (`In progress`) or came too late
/// (`Untimely response`), the company has the complaint and no more is known.
pub fn company_response(cell: &str) -> State {
    if cell.to_lowercase().starts_with("closed") { State::Closed } else { State::Acknowledged }
}

pub fn severity(cell: &str) -> Option<i16> {
    match cell.to_lowercase().as_str() {
        "critical" | "urgent" | "紧急" => Some(1),
        "major" | "high" | "严重" | "高" => Some(2),
        "moderate" | "medium" | "normal" | "一般" | "中" => Some(3),
        "minor" | "low" | "轻微" | "低" => Some(4),
        digits => digits.parse().ok(),
    }
}

pub fn truth(cell: &str) -> Option<bool> {
    match cell.to_lowercase().as_str() {
        "yes" | "true" | "1" | "是" => Some(true),
        "no" | "false" | "0" | "否" => Some(false),
        _ => None,
    }
}

/// RFC 3339, or a date with or without time of day, taken as UTC; `MM/DD/YYYY` as the United States write it.
pub fn instant(cell: &str) -> Option<DateTime<Utc>> {
    if let Ok(at) = DateTime::parse_from_rfc3339(cell) {
        return Some(at.to_utc());
    }
    let time = ["%Y-%m-%d %H:%M:%S", "%Y-%m-%dT%H:%M:%S", "%Y-%m-%d %H:%M", "%Y/%m/%d %H:%M:%S", "%Y/%m/%d %H:%M"];
    let date = ["%Y-%m-%d", "%Y/%m/%d", "%m/%d/%Y"];
    let timed = time.iter().find_map(|format| NaiveDateTime::parse_from_str(cell, format).ok());
    let dated = || date.iter().find_map(|format| NaiveDate::parse_from_str(cell, format).ok());
    timed.or_else(|| dated().map(|day| day.and_time(NaiveTime::MIN))).map(|at| at.and_utc())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn instants_come_in_many_shapes() {
        for (cell, expected) in [
            ("11/13/2014", Some("2014-11-13T00:00:00Z")),
            ("2014-11-13", Some("2014-11-13T00:00:00Z")),
            ("2014-11-13 08:30", Some("2014-11-13T08:30:00Z")),
            ("2014-11-13T08:30:00+08:00", Some("2014-11-13T00:30:00Z")),
            ("13/11/2014", None),
            ("soon", None),
        ] {
            assert_eq!(instant(cell), expected.map(|text| text.parse().expect("an instant")), "{cell}");
        }
    }

    #[test]
    fn the_bureaus_channels_are_ours() {
        let channels = ["Web", "Phone", "Postal mail", "Fax", "Referral"].map(channel);
        let expected = [Channel::Web, Channel::Phone, Channel::PostalMail, Channel::Fax, Channel::Referral];
        assert_eq!(channels, expected.map(Some));
        assert_eq!(channel("pigeon"), None);
    }
}
