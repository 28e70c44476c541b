/** Posts to its own address, where the id and the way back are. */
export const pageOf = (): string => `<!doctype html>
<html lang="ko">
<meta charset="utf-8">
<meta name="viewport" content="width=device-width">
<title>본인인증 (sandbox)</title>
<style>
body { font: 1rem/1.5 system-ui; max-width: 24rem; margin: 2rem auto; padding: 0 1rem }
label, input, button { display: block; width: 100%; box-sizing: border-box }
input, button { font: inherit; padding: .5rem; margin: .25rem 0 1rem }
</style>
<h1>본인인증</h1>
<p>개발용 화면입니다. 아무도 확인되지 않습니다.</p>
<form method="post">
<label>이름 <input name="name" required maxlength="100" value="김도아"></label>
<label>생년월일 <input name="birthDate" type="date" required value="1990-01-02"></label>
<label>휴대전화 <input name="phone" inputmode="numeric" required pattern="01[016789][0-9]{7,8}" value="01012345678"></label>
<button name="result" value="verify">인증 성공</button>
<button name="result" value="fail">인증 실패</button>
</form>
</html>
`;
