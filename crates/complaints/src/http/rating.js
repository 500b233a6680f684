const marks = { 1: '很差 Very poor', 2: '较差 Poor', 3: '一般 Fair', 4: '较好 Good', 5: '很好 Very good' };
for (const name of ['attitude', 'result']) {
  for (const [mark, words] of Object.entries(marks)) {
    const label = document.createElement('label');
    const input = Object.assign(document.createElement('input'), { type: 'radio', name, value: mark, required: true });
    label.append(input, ' ' + words);
    document.getElementById(name).append(label);
  }
}
const form = document.getElementById('rating');
const told = document.getElementById('told');
form.addEventListener('submit', async (event) => {
  event.preventDefault();
  const given = new FormData(form);
  const comment = document.getElementById('comment').value.trim();
  const rating = { token: location.hash.slice(1), attitude: +given.get('attitude'), result: +given.get('result') };
  if (comment) rating.comment = comment;
  try {
    const answer = await fetch('ratings', {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify(rating),
    });
    const said = await answer.json();
    told.textContent = answer.ok ? `谢谢！Thank you. (${said.number})` : said.detail || said.title;
    form.hidden = answer.ok;
  } catch {
    told.textContent = '请稍后再试 Please try again later';
  }
});
