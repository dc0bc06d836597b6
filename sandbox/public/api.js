// What the page asks of the sandbox and, as a wallet would, of the platform.

async function ask(method, path, body) {
  const response = await fetch(path, {
    method,
    headers: body === undefined ? {} : { "Content-Type": "application/json" },
    body: body === undefined ? undefined : JSON.stringify(body),
  });
  const answer = await response.json().catch(() => null);
  return { ok: response.ok, status: response.status, answer };
}

const list = async (path) => {
  const { ok, answer } = await ask("GET", path);
  return ok && Array.isArray(answer) ? answer : [];
};

const query = encodeURIComponent;

export const api = {
  start: (flow) => ask("POST", "/sandbox/api/start", flow),
  process: (processId) => ask("GET", `/api/v1/esign/process/${query(processId)}`),
  sms: (mobile) => list(`/sandbox/api/sms?mobile=${query(mobile)}`),
  bank: (processId) => list(`/sandbox/api/bank?processId=${query(processId)}`),
  wallet: (processId) => list(`/sandbox/api/wallet?processId=${query(processId)}`),
  decideFace: (verificationId, result) => ask("POST", `/sandbox/api/face/${query(verificationId)}`, { result }),
  face: (verificationId) => ask("GET", `/sandbox/api/face/${query(verificationId)}`),
  faults: () => ask("GET", "/sandbox/api/faults"),
  setFaults: (faults) => ask("PUT", "/sandbox/api/faults", faults),
  clear: () => ask("DELETE", "/sandbox/api"),
};
