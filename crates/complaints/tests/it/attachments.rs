use std::path::Path;

use chrono::{TimeDelta, Utc};
use complaints_contract::{Complaint, ComplaintAttachment, ComplaintAttachments, MailReceipt};
use serde_json::json;
use testkit::{Answer, App, Client, TestBus, TestDb, both};

use crate::support::{LEAD, PATH, grievance, open, redact, with};

pub const PNG: &[u8] = b"\x89PNG\r\n\x1a\nand the rest of a picture";

pub async fn start(db: TestDb, folder: &Path) -> (App, Client) {
    let url = reqwest::Url::from_directory_path(folder).expect("a folder").to_string();
    let app = App::start_with(&complaints::SERVICE, db, TestBus::local().await, |settings| {
        settings.extra.insert("attachments_url".to_owned(), url);
        settings.extra.insert("attachment_bytes".to_owned(), "100000".to_owned());
        settings.extra.insert("attachment_count".to_owned(), "3".to_owned());
    })
    .await;
    let client = app.client(LEAD);
    (app, client)
}

async fn attach(client: &Client, complaint: &Complaint, name: &str, content: impl Into<reqwest::Body>) -> Answer {
    let request = client.request(reqwest::Method::POST, &format!("{PATH}/{}/attachments", complaint.id));
    let request = request.header("content-type", "application/octet-stream").header("content-disposition", name);
    client.send(request.body(content)).await
}

pub fn files(folder: &Path) -> usize {
    let entries = |folder: &Path| std::fs::read_dir(folder).into_iter().flatten().flatten();
    entries(folder).map(|entry| if entry.path().is_dir() { files(&entry.path()) } else { 1 }).sum()
}

both! {
    async fn files_of_a_mail_are_kept_once(db: TestDb) {
        let folder = tempfile::tempdir().expect("a folder");
        let (_app, client) = start(db, folder.path()).await;
        let part = |name: &str, content: &[u8]| {
            let content = base64::Engine::encode(&base64::prelude::BASE64_STANDARD, content);
            format!(
                "--b\r\nContent-Type: application/octet-stream\r\nContent-Transfer-Encoding: base64\r\n\
                 Content-Disposition: attachment; filename=\"{name}\"\r\n\r\n{content}\r\n"
            )
        };
        let mail = format!(
            "Message-ID: <1@example.com>\r\nFrom: wang@example.com\r\nSubject: Line down\r\nMIME-Version: 1.0\r\n\
             Content-Type: multipart/mixed; boundary=b\r\n\r\n--b\r\n\r\nSee the picture.\r\n{}{}--b--\r\n",
            part("photo.png", PNG),
            part("run.exe", b"MZ\x90\0 a program"),
        );
        let send = async || {
            let request = client.request(reqwest::Method::POST, &format!("{PATH}/mail"));
            client.send(request.header("content-type", "message/rfc822").body(mail.clone())).await
        };
        let opened: MailReceipt = send().await.read(201);
        assert_eq!((opened.files_kept, opened.files_refused), (1, 1));
        let again: MailReceipt = send().await.read(200);
        assert_eq!((again.files_kept, again.files_refused), (0, 1), "it is there already");
        let number = opened.number.expect("a number");
        let kept: ComplaintAttachments = client.get(&format!("{PATH}/{number}/attachments")).await.read(200);
        let kept: Vec<_> = kept.items.iter().map(|file| (file.name.as_str(), file.media_type.as_str())).collect();
        assert_eq!(kept, [("photo.png", "image/png")]);
        let complaint: Complaint = client.get(&format!("{PATH}/{number}")).await.read(200);
        assert_eq!(complaint.description.as_deref(), Some("See the picture."));
    }

    async fn a_file_is_kept_and_comes_back_to_be_saved(db: TestDb) {
        let folder = tempfile::tempdir().expect("a folder");
        let (_app, client) = start(db, folder.path()).await;
        let complaint = open(&client, &grievance()).await;
        let name = "attachment; filename=\"x.exe\"; filename*=UTF-8''..%2F%E7%85%A7%E7%89%87.png";
        let kept = attach(&client, &complaint, name, PNG).await;
        insta::assert_json_snapshot!(redact(kept.clone().expect(201)), @r#"
        {
          "at": "[time]",
          "by": "user:0198a000-0000-7000-8000-000000000001",
          "from_complainant": false,
          "id": "[id]",
          "media_type": "image/png",
          "name": "照片.png",
          "sha256": "ef237d1336618d3640a1ef0e7ae2a2642ecf20f10ef6c3ea63e9f1fcbbafb59b",
          "size": 33
        }
        "#);
        let kept: ComplaintAttachment = kept.read(201);
        let path = format!("{PATH}/{}/attachments", complaint.number);
        assert_eq!(client.get(&path).await.expect(200)["items"], json!([kept]));
        let request = client.request(reqwest::Method::GET, &format!("{path}/{}/content", kept.id));
        let response = request.send().await.expect("an answer");
        let header = |name: &str| response.headers().get(name).and_then(|value| value.to_str().ok()).map(str::to_owned);
        assert_eq!(header("content-type").as_deref(), Some("image/png"));
        assert_eq!(
            header("content-disposition").as_deref(),
            Some("attachment; filename*=UTF-8''%E7%85%A7%E7%89%87.png")
        );
        assert_eq!(header("x-content-type-options").as_deref(), Some("nosniff"));
        assert_eq!(header("cache-control").as_deref(), Some("private, no-store"));
        assert_eq!(response.bytes().await.expect("the file"), PNG);

        let other = open(&client, &grievance()).await;
        let elsewhere = client.get(&format!("{PATH}/{}/attachments/{}/content", other.id, kept.id)).await;
        assert_eq!(elsewhere.problem(), (404, "attachment-not-found"));
    }

    async fn what_is_too_large_or_of_another_type_is_not_kept(db: TestDb) {
        let folder = tempfile::tempdir().expect("a folder");
        let (_app, client) = start(db, folder.path()).await;
        let complaint = open(&client, &grievance()).await;
        let huge = [PNG, &vec![0; 100_000]].concat();
        for (content, status, code) in [
            (huge, 413, "attachment-too-large"),
            (b"MZ\x90\x00program".to_vec(), 415, "attachment-type-not-allowed"),
            (b"<!DOCTYPE html><script>alert(1)</script>".to_vec(), 415, "attachment-type-not-allowed"),
            (vec![], 422, "attachment-empty"),
        ] {
            let refused = attach(&client, &complaint, "attachment; filename=a.png", content).await;
            assert_eq!(refused.problem(), (status, code));
        }
        let typed = client.request(reqwest::Method::POST, &format!("{PATH}/{}/attachments", complaint.id));
        let typed = client.send(typed.header("content-type", "image/png").body(PNG)).await;
        assert_eq!(typed.problem(), (415, "media-type-unsupported"));
        for _ in 0..3 {
            attach(&client, &complaint, "attachment", PNG).await.expect(201);
        }
        assert_eq!(attach(&client, &complaint, "attachment", PNG).await.problem(), (409, "attachments-full"));
        assert_eq!(files(folder.path()), 3);
    }

    async fn files_are_hidden_with_their_complaint(db: TestDb) {
        let folder = tempfile::tempdir().expect("a folder");
        let (app, client) = start(db, folder.path()).await;
        let complaint = open(&client, &with(grievance(), json!({"confidential": ["description"]}))).await;
        let path = format!("{PATH}/{}/attachments", complaint.id);
        let kept: ComplaintAttachment = attach(&client, &complaint, "attachment", PNG).await.read(201);
        let reader = app.client(&["complaints:read"]);
        assert_eq!(reader.get(&path).await.expect(200)["items"], json!([]));
        assert_eq!(reader.get(&format!("{path}/{}/content", kept.id)).await.problem(), (404, "attachment-not-found"));
        client.patch(&format!("{PATH}/{}", complaint.id), "*", &json!({"about_staff": "li.wei"})).await.expect(200);
        for refused in [
            client.get(&path).await,
            client.get(&format!("{path}/{}/content", kept.id)).await,
            attach(&client, &complaint, "attachment", PNG).await,
        ] {
            assert_eq!(refused.problem(), (404, "complaint-not-found"));
        }
        assert_eq!(files(folder.path()), 1);
    }

    async fn what_an_upload_has_lost_is_swept_away(db: TestDb) {
        let folder = tempfile::tempdir().expect("a folder");
        let (app, client) = start(db, folder.path()).await;
        let complaint = open(&client, &grievance()).await;
        attach(&client, &complaint, "attachment", PNG).await.expect(201);
        let lost = folder.path().join(uuid::Uuid::now_v7().to_string());
        std::fs::create_dir(&lost).expect("a folder");
        std::fs::write(lost.join(uuid::Uuid::now_v7().to_string()), "lost").expect("written");
        std::fs::write(folder.path().join("README"), "not ours").expect("written");
        let attachments = complaints::Attachments::in_context(app.context());
        let now = Utc::now() + TimeDelta::minutes(1);
        assert_eq!(attachments.sweep(&app.db, now - TimeDelta::days(1)).await.expect("swept"), 0);
        assert_eq!(attachments.sweep(&app.db, now).await.expect("swept"), 1);
        assert_eq!(files(folder.path()), 2);
    }

    async fn without_a_store_no_files_are_taken(db: TestDb) {
        let (_app, client) = crate::support::start(db).await;
        let complaint = open(&client, &grievance()).await;
        assert_eq!(attach(&client, &complaint, "attachment", PNG).await.problem(), (503, "attachments-off"));
    }
}
