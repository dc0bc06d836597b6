// What is played, told above the button: one sentence a flow, by the value of its choice.

const HEADQUARTERS = "总部「北京天财餐饮有限公司」";

export const STORIES = {
  "RELATION_BINDING BATCH_PAYMENT ENTERPRISE": `${HEADQUARTERS}要给「上海天财门店」付款，付款前须由门店在线签署授权协议，并用对公打款验证身份。`,
  "RELATION_BINDING BATCH_PAYMENT INDIVIDUAL": `${HEADQUARTERS}要给个人接收方「李四」付款，付款前须由本人在线签署授权协议，并用人脸识别验证身份。`,
  "RELATION_BINDING MEMBER_SETTLEMENT ENTERPRISE": `${HEADQUARTERS}要与企业门店「上海天财门店」做会员结算，须由门店在线签署授权协议，并用对公打款验证身份。`,
  "RELATION_BINDING MEMBER_SETTLEMENT INDIVIDUAL": `${HEADQUARTERS}要与个体门店「李记小吃店」做会员结算，须由经营者本人在线签署授权协议，并用人脸识别验证身份。`,
  "POOLING_AUTH POOLING ENTERPRISE": `企业门店「上海天财门店」授权${HEADQUARTERS}按不超过 80% 的比例归集订单资金，门店是付方：由门店签署，并用打款验证身份。`,
  "POOLING_AUTH POOLING INDIVIDUAL": `个体门店「李记小吃店」授权${HEADQUARTERS}按不超过 80% 的比例归集订单资金，门店是付方：由经营者签署。归集授权一律用打款验证，个体户也一样。`,
  "OPEN_PAYMENT BATCH_PAYMENT ENTERPRISE": `${HEADQUARTERS}开通批量付款：由总部与支付机构签署代付授权协议，并用对公打款验证身份，没有收方参与。`,
  "OPEN_PAYMENT MEMBER_SETTLEMENT ENTERPRISE": `${HEADQUARTERS}开通会员结算付款：由总部与支付机构签署代付授权协议，并用对公打款验证身份，没有收方参与。`,
};
