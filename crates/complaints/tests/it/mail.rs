use std::path::PathBuf;

use complaints_contract::{Complaint, ComplaintEntry, MailOutcome, MailReason, MailReceipt, State};
use serde_json::json;
use testkit::{Answer, Client, both};
use wire::Page;

use crate::support::{PATH, open, start, step};

async fn send(client: &Client, raw: impl Into<reqwest::Body>) -> Answer {
    let request = client.request(reqwest::Method::POST, &format!("{PATH}/mail"));
    client.send(request.header("content-type", "message/rfc822").body(raw)).await
}

fn mail(id: &str, subject: &str, more: &str, text: &str) -> String {
    format!(
        "Message-ID: <{id}@example.com>\r\nFrom: Wang Fang <wang@example.com>\r\nTo: help@example.com\r\n\
         Subject: {subject}\r\n{more}\r\n{text}\r\n"
    )
}

async fn history(client: &Client, number: &str) -> Vec<ComplaintEntry> {
    client.get(&format!("{PATH}/{number}/history")).await.read::<Page<ComplaintEntry>>(200).items
}

both! {
    async fn a_mail_opens_a_complaint_and_its_replies_join(db: TestDb) {
        let (_app, client) = start(db).await;
        let opened: MailReceipt = send(&client, mail("1", "Line down", "", "Since this morning.")).await.read(201);
        let number = opened.number.expect("a number");
        let complaint: Complaint = client.get(&format!("{PATH}/{number}")).await.read(200);
        assert_eq!((complaint.subject.as_str(), complaint.description.as_deref()), ("Line down", Some("Since this morning.")));
        assert_eq!((complaint.channel.as_str(), complaint.language.as_str()), ("email", "en"));
        let messages = client.get(&format!("{PATH}/{number}/messages")).await.expect(200);
        assert_eq!(messages["items"].as_array().map(Vec::len), Some(1));

        for how in ["acknowledgement", "wait"] {
            step(&client, &complaint, how).await.expect(200);
        }
        let subject = format!("Re: [{number}] Line down");
        let joined: MailReceipt = send(&client, mail("2", &subject, "", "It is 21-0042.")).await.read(200);
        assert_eq!((joined.outcome, joined.number.as_deref()), (MailOutcome::Joined, Some(number.as_str())));
        let threaded = format!("References: <guanxi.{number}.7@example.com>\r\n");
        let joined: MailReceipt = send(&client, mail("3", "Re: our line", &threaded, "Any news?")).await.read(200);
        assert_eq!(joined.outcome, MailOutcome::Joined);

        let after: Complaint = client.get(&format!("{PATH}/{number}")).await.read(200);
        assert_eq!((after.state, after.waiting_since), (State::Acknowledged, None), "the wait is over");
        let said: Vec<_> = history(&client, &number).await.into_iter().filter_map(|entry| entry.from_customer).collect();
        assert_eq!(said, ["It is 21-0042.", "Any news?"]);
        assert_eq!(client.count(PATH).await, 1);

        let again: MailReceipt = send(&client, mail("3", "Re: our line", &threaded, "Any news?")).await.read(200);
        assert_eq!((again.outcome, again.reason), (MailOutcome::Ignored, Some(MailReason::Repeated)));
        assert_eq!(again.number.as_deref(), Some(number.as_str()));
        assert_eq!(history(&client, &number).await.len() as i64, after.version);
    }

    async fn programs_are_noted_and_not_answered(db: TestDb) {
        let (_app, client) = start(db).await;
        let complaint = open(&client, &json!({"channel": "email", "subject": "Line down"})).await;
        let subject = format!("Out of office: [{}]", complaint.number);
        for (place, (more, reason)) in [
            ("Auto-Submitted: auto-replied\r\n", MailReason::AutoSubmitted),
            ("Return-Path: <>\r\n", MailReason::NullSender),
        ]
        .into_iter()
        .enumerate()
        {
            let ignored: MailReceipt = send(&client, mail(&format!("p{place}"), &subject, more, "I am away.")).await.read(200);
            assert_eq!(ignored, MailReceipt {
                outcome: MailOutcome::Ignored,
                reason: Some(reason),
                number: None,
                files_kept: 0,
                files_refused: 0,
            });
        }
        let own = mail(&format!("guanxi.{}.1", complaint.number), &subject, "", "We have received your complaint");
        assert_eq!(send(&client, own).await.read::<MailReceipt>(200).reason, Some(MailReason::Own));
        let after: Complaint = client.get(&format!("{PATH}/{}", complaint.number)).await.read(200);
        assert_eq!(after, complaint);
        assert_eq!(client.count(PATH).await, 1);
    }

    async fn what_comes_through_a_list_is_taken_in_and_not_answered(db: TestDb) {
        let (_app, client) = start(db).await;
        let complaint = open(&client, &json!({"channel": "email", "subject": "Line down"})).await;
        for (place, (more, reason)) in [
            ("Precedence: bulk\r\n", MailReason::Bulk),
            ("X-Auto-Response-Suppress: OOF\r\n", MailReason::Suppressed),
            ("List-Id: <complaints.example.com>\r\n", MailReason::MailingList),
        ]
        .into_iter()
        .enumerate()
        {
            let new: MailReceipt = send(&client, mail(&format!("n{place}"), "Line down again", more, "Help.")).await.read(201);
            assert_eq!((new.outcome, new.reason), (MailOutcome::Opened, Some(reason)));
            let number = new.number.expect("a number");
            let messages = client.get(&format!("{PATH}/{number}/messages")).await.expect(200);
            assert_eq!(messages["items"].as_array().map(Vec::len), Some(0), "nobody is written to");
            let subject = format!("Re: [{}]", complaint.number);
            let joined: MailReceipt = send(&client, mail(&format!("j{place}"), &subject, more, "Still.")).await.read(200);
            assert_eq!((joined.outcome, joined.reason), (MailOutcome::Joined, Some(reason)));
            assert_eq!(joined.number.as_ref(), Some(&complaint.number));
        }
        assert_eq!(client.count(PATH).await, 4);
    }

    async fn odd_mails_are_taken_in_all_the_same(db: TestDb) {
        let (_app, client) = start(db).await;
        let raw = "From: \"a b\"@example.com\r\nMessage-ID: <x\0y@example.com>\r\nSubject: Line down\r\n\r\nHelp.\r\n";
        let receipt: MailReceipt = send(&client, raw.to_owned()).await.read(201);
        assert_eq!(receipt.outcome, MailOutcome::Opened);
        let again: MailReceipt = send(&client, raw.to_owned()).await.read(200);
        assert_eq!(again.reason, Some(MailReason::Repeated));
    }

    async fn two_programs_do_not_answer_each_other_for_ever(db: TestDb) {
        let (_app, client) = start(db).await;
        let complaint = open(&client, &json!({"channel": "email", "subject": "Line down"})).await;
        let subject = format!("[{}]", complaint.number);
        let mut outcomes = vec![];
        for place in 0..25 {
            let receipt: MailReceipt = send(&client, mail(&format!("m{place}"), &subject, "", "Hello")).await.read(200);
            outcomes.push((receipt.outcome, receipt.reason));
        }
        assert!(outcomes[..20].iter().all(|outcome| *outcome == (MailOutcome::Joined, None)));
        assert!(outcomes[20..].iter().all(|outcome| *outcome == (MailOutcome::Joined, Some(MailReason::TooMany))));
    }

    async fn what_is_no_mail_is_refused(db: TestDb) {
        let (_app, client) = start(db).await;
        let request = client.request(reqwest::Method::POST, &format!("{PATH}/mail"));
        let typed = client.send(request.header("content-type", "text/plain").body("x")).await;
        assert_eq!(typed.problem(), (415, "media-type-unsupported"));
        assert_eq!(send(&client, "").await.problem(), (422, "mail-unreadable"));
        let huge = send(&client, vec![b'x'; 11 * 1024 * 1024]).await;
        assert_eq!(huge.problem(), (413, "mail-too-large"));
        assert_eq!(client.count(PATH).await, 0);
    }

    async fn real_data_mails_of_many_programs_become_complaints(db: TestDb) {
        let Some(data) = std::env::var_os("GUANXI_DATA_DIR").map(PathBuf::from) else {
            eprintln!("not run: GUANXI_DATA_DIR is not set, so there are no mails");
            return;
        };
        let (_app, client) = start(db).await;
        let mut files: Vec<_> =
            std::fs::read_dir(data.join("mail/eml")).expect("mails").map(|file| file.expect("a file").path()).collect();
        files.sort();
        let mut opened = 0;
        for file in &files {
            let raw = std::fs::read(file).expect("readable");
            // Cut anywhere, it is broken, and taken as far as it can be.
            let half = raw[..raw.len() / 2].to_vec();
            let answer = send(&client, raw).await;
            assert!(matches!(answer.status, 200 | 201 | 422), "{}: {answer}", file.display());
            if answer.status == 201 {
                opened += 1;
            }
            let broken = send(&client, half).await;
            assert!(matches!(broken.status, 200 | 201 | 422), "{}: {broken}", file.display());
        }
        eprintln!("{opened} of {} mails opened a complaint", files.len());
        assert!(opened > 0);
        let listed = client.pages(&format!("{PATH}?limit=50")).await;
        let items: Vec<_> = listed.iter().flat_map(|page| page["items"].as_array().cloned().unwrap_or_default()).collect();
        assert!(items.iter().all(|item| item["subject"].as_str().is_some_and(|subject| !subject.trim().is_empty())));
    }
}
