import type { MerchantType, VerificationType } from "../../contract/vocabulary.ts";

/** What decides how an agreement must speak; all of it is stored with the process. */
export interface Circumstances {
  verificationType: VerificationType;
  /** The signer confirms with a code sent to the phone. */
  codeRequired: boolean;
  signerType: MerchantType;
  /** The signer's contact is the other party's, let in by PAYEE_CONTACT_SIGNS. */
  standsIn: boolean;
  idCardGiven: boolean;
  bankCardGiven: boolean;
}

/** How the signature is made (电子签名法 13 条): a text that speaks of a code nobody was sent would not describe this signature. */
const SIGNING = {
  withCode: {
    signingAction: "提交发送至本人手机的短信验证码并确认签署",
    signatureDataClause:
      "短信验证码仅发送至首部载明的手机号码，与协议正文的摘要绑定并限时有效，作为电子签名制作数据专属于签署人，签署时仅由签署人控制；单凭专属链接不能完成签署",
    signerSecrets: "手机、专属链接和短信验证码",
    smsContent: "签约链接和短信验证码",
  },
  withoutCode: {
    signingAction: "勾选同意并点击确认签署",
    signatureDataClause:
      "专属链接发送至首部载明的手机号码，其所含的访问凭证与签署人随后完成的身份认证共同作为电子签名制作数据，专属于签署人，签署时由签署人控制；因发起签约而持有该链接的系统不得用其签署",
    signerSecrets: "手机和专属链接",
    smsContent: "签约链接",
  },
} as const;

/** How the signer is verified, and what that means for money and face (个人信息保护法 23、28–30 条). */
const VERIFYING = {
  REMITTANCE: {
    verificationClause:
      "签署人知悉：本次签约采用打款验证，由认证系统向首部载明的结算账户汇入一笔小额款项，签署人须在期限内如实填写到账金额和备注。该款项归乙方所有，不属于本协议项下的划付。",
    faceClause: "本次签约采用打款验证，不收集、不处理签署人的人脸信息。",
    verificationInfo: "乙方的名称、商户号和结算账户信息",
  },
  FACE: {
    verificationClause:
      "签署人单独同意：由认证系统采集本人人脸信息，经互联网传输并与首部载明的姓名和居民身份证号码核对，仅用于核验本次签约的签署人身份。不同意的，可以要求甲方改用其他核验方式，不影响依法享有的权利。",
    faceClause:
      "人脸信息由认证系统直接采集，甲方和电子签约平台不采集、不存储人脸图像，仅接收核验结果和核验记录。未经签署人另行单独同意，人脸信息不得用于其他目的，不得公开或者提供给他人；保存期限不超过完成核验所必需的最短时间，法律、行政法规另有规定的除外。",
    verificationInfo: "签署人的姓名、居民身份证号码，以及由认证系统直接采集的人脸信息",
  },
} as const;

const CAPACITIES = { ENTERPRISE: "法定代表人或者负责人", INDIVIDUAL: "乙方本人（个体工商户为其经营者）" } as const;

/** Words and whole clauses that differ with the circumstances; none is ever absent, so no sentence of a template can break. */
export function agreementPhrases(given: Circumstances): Record<string, string> {
  const sensitive = [...(given.idCardGiven ? ["居民身份证号码"] : []), ...(given.bankCardGiven ? ["结算账户信息"] : [])];
  return {
    ...(given.codeRequired ? SIGNING.withCode : SIGNING.withoutCode),
    ...VERIFYING[given.verificationType],
    signerCapacity: given.standsIn ? "经授权的签署人" : CAPACITIES[given.signerType],
    signerInfo: ["姓名", "手机号码", ...sensitive].join("、"),
    // Never empty: a remittance needs the card, a face check the ID number.
    sensitiveInfo: sensitive.join("、"),
  };
}
