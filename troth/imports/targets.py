"""What a column of a file can mean: the targets of a mapping, per shape of file."""

from dataclasses import dataclass
from enum import StrEnum

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy


class Shape(StrEnum):
    """What one row of the file is."""

    CUSTOMERS = "customers"
    ORDERS = "orders"
    LINES = "lines"


SHAPE_LABELS: dict[Shape, str | Promise] = {
    Shape.CUSTOMERS: _("Customers: one row per customer"),
    Shape.ORDERS: _("Orders: one row per order"),
    Shape.LINES: _("Order lines: one row per line, several rows per order"),
}


class ValueKind(StrEnum):
    """How the text of a cell is understood."""

    IDENTIFIER = "identifier"  # digits and letters of another system: compared exactly, never calculated with
    TEXT = "text"
    DAY = "day"
    MOMENT = "moment"
    CLOCK = "clock"
    AMOUNT = "amount"
    QUANTITY = "quantity"
    PHONE = "phone"
    EMAIL = "email"
    CURRENCY = "currency"
    GENDER = "gender"
    CUSTOMER_KIND = "customer_kind"
    COUNTRY = "country"
    YES_NO = "yes_no"
    CHOICE = "choice"  # one of the words that the target names
    NUMBER = "number"  # any number with a fraction
    PLAIN_DAY = "plain_day"  # a day that its cell alone, or the chosen order of day and month, must tell
    WORDS = "words"  # several short words in one cell


NUMERIC = frozenset({ValueKind.AMOUNT, ValueKind.QUANTITY, ValueKind.NUMBER})
"""Cells that a decimal mark is read in."""


@dataclass(frozen=True)
class Target:
    """One meaning a column can have.

    Args:
        code: name of the value in the engine.
        label: for the mapping screen.
        kind: how its cells are read.
        shapes: for which files it is offered.
        aliases: header texts that mean it, in English and Chinese, as `headers.normalise` returns them.
        max_chars: longest text that the database keeps; longer cells are refused, never cut.
        words: those that a cell may hold.
    """

    code: str
    label: str | Promise
    kind: ValueKind
    shapes: frozenset[Shape]
    aliases: tuple[str, ...]
    max_chars: int = 200
    words: tuple[str, ...] = ()


_C = frozenset({Shape.CUSTOMERS})
_O = frozenset({Shape.ORDERS, Shape.LINES})
_L = frozenset({Shape.LINES})
_CO = _C | _O


def _target(
    code: str,
    label: str | Promise,
    kind: ValueKind,
    shapes: frozenset[Shape],
    aliases: str,
    max_chars: int = 200,
) -> Target:
    return Target(code, label, kind, shapes, tuple(aliases.split()), max_chars)


_K = ValueKind

TARGETS: tuple[Target, ...] = (
    _target(
        "customer_id",
        _("Customer number"),
        _K.IDENTIFIER,
        _CO,
        "customerid customerno customernumber customercode customerref customer custid custno clientid clientno userid"
        " userno memberid memberno membernumber membercode buyerid accountid accountno householdid householdkey"
        " householdno contactid masterid customerkey"
        " 客户编号 客户号 客户代码 客户编码 客户id 客户 顾客编号 顾客号 顾客id 会员编号 会员号 会员id 会员编码 会员代码"
        " 用户id 用户编号 用户号 买家id 买家编号 家庭编号",
    ),
    _target(
        "card",
        _("Card number"),
        _K.IDENTIFIER,
        _CO,
        "card cardno cardnumber cardid loyaltycard loyaltycardno membercard membercardno membershipcard"
        " 卡号 会员卡号 会员卡 储值卡号 积分卡号",
    ),
    _target(
        "phone",
        _("Phone"),
        _K.PHONE,
        _CO,
        "phone phoneno phonenumber mobile mobileno mobilephone mobilenumber cell cellphone tel telephone telno"
        " customerphone contactphone buyerphone"
        " 手机 手机号 手机号码 电话 电话号码 联系电话 移动电话 客户手机 客户电话 会员手机 会员手机号 买家电话"
        " 收货人手机",
    ),
    _target(
        "email",
        _("E-mail"),
        _K.EMAIL,
        _CO,
        "email emailaddress mail mailaddress customeremail buyeremail 邮箱 电子邮箱 电子邮件 邮件 邮箱地址 email地址",
    ),
    _target(
        "wechat_openid",
        _("WeChat openid"),
        _K.IDENTIFIER,
        _C,
        "openid wechatopenid wxopenid wechatid wechat 微信openid 微信号 微信id 微信",
    ),
    _target(
        "name",
        pgettext_lazy("person", "Name"),
        _K.TEXT,
        _CO,
        "name fullname customername membername clientname contactname username buyername"
        " 姓名 名字 客户姓名 客户名称 客户名 会员姓名 会员名称 顾客姓名 用户名 用户姓名 联系人 联系人姓名"
        " 买家姓名 收货人 名称",
    ),
    _target("family_name", _("Family name"), _K.TEXT, _C, "familyname lastname surname 姓 姓氏", 100),
    _target("given_name", _("Given name"), _K.TEXT, _C, "givenname firstname forename 名", 100),
    _target(
        "customer_kind",
        _("Person or company"),
        _K.CUSTOMER_KIND,
        _C,
        "customerkind customertype customercategory 客户类型 客户性质 类型",
    ),
    _target(
        "birth_date",
        _("Birthday"),
        _K.DAY,
        _C,
        "birthday birthdate dateofbirth dob birth 生日 出生日期 出生年月 出生年月日 会员生日",
    ),
    _target("gender", _("Gender"), _K.GENDER, _C, "gender sex 性别", 10),
    _target("country", _("Country"), _K.COUNTRY, _C, "country countrycode 国家 国别", 2),
    _target("region", _("Province or state"), _K.TEXT, _C, "region province state 省 省份 所在省 省市", 80),
    _target("city", _("City"), _K.TEXT, _C, "city town 市 城市 所在城市", 80),
    _target("district", _("District"), _K.TEXT, _C, "district county area 区 区县 县 地区", 80),
    _target(
        "street",
        _("Street address"),
        _K.TEXT,
        _C,
        "street streetaddress address address1 addressline1 addr 地址 详细地址 联系地址 街道 家庭住址 收货地址",
    ),
    _target("postcode", _("Postcode"), _K.IDENTIFIER, _C, "postcode zip zipcode postalcode 邮编 邮政编码", 20),
    _target(
        "joined_date",
        _("Customer since"),
        _K.DAY,
        _C,
        "joined joineddate joindate joinedat customersince membersince signupdate registered registereddate"
        " registeredat"
        " registrationdate createdat createddate opendate enrolmentdate enrollmentdate"
        " 入会日期 入会时间 注册日期 注册时间 开卡日期 开卡时间 加入日期 办卡日期 创建时间 成为会员时间",
    ),
    _target("tags", _("Tags"), _K.WORDS, _C, "tag tags label labels segment 标签 客户标签 会员标签", 600),
    _target(
        "consent_marketing_any",
        _("Agreed to offers, any channel"),
        _K.YES_NO,
        _C,
        "marketingconsent marketingoptin optin consent acceptsmarketing newsletter subscribed subscription"
        " 营销同意 同意营销 是否同意营销 接受营销 是否接受营销 是否订阅 订阅",
        10,
    ),
    _target(
        "consent_marketing_email",
        _("Agreed to offers by e-mail"),
        _K.YES_NO,
        _C,
        "emailconsent emailoptin emailmarketing acceptsemailmarketing emailsubscribed"
        " 邮件营销 同意邮件营销 接收邮件 邮件订阅",
        10,
    ),
    _target(
        "consent_marketing_sms",
        _("Agreed to offers by SMS"),
        _K.YES_NO,
        _C,
        "smsconsent smsoptin smsmarketing acceptssmsmarketing textconsent"
        " 短信营销 同意短信营销 接收短信 是否接收短信 短信订阅",
        10,
    ),
    _target(
        "consent_marketing_phone",
        _("Agreed to offers by phone"),
        _K.YES_NO,
        _C,
        "phoneconsent phoneoptin callconsent telemarketing 电话营销 同意电话营销 接听电话营销 接受来电",
        10,
    ),
    _target(
        "consent_marketing_wechat",
        _("Agreed to offers by WeChat"),
        _K.YES_NO,
        _C,
        "wechatconsent wechatoptin wechatmarketing 微信营销 同意微信营销 接收微信消息",
        10,
    ),
    _target(
        "consent_marketing_post",
        _("Agreed to offers by post"),
        _K.YES_NO,
        _C,
        "postconsent postoptin mailingconsent directmail 邮寄营销 同意邮寄 接收邮寄",
        10,
    ),
    _target(
        "consent_service",
        _("Agreed to messages about service"),
        _K.YES_NO,
        _C,
        "serviceconsent servicemessages transactionalconsent 服务通知 同意服务通知 接收服务通知",
        10,
    ),
    _target(
        "consent_survey",
        _("Agreed to surveys"),
        _K.YES_NO,
        _C,
        "surveyconsent surveyoptin surveys 调研同意 同意调研 接受问卷 同意问卷",
        10,
    ),
    _target(
        "consent_profiling",
        _("Agreed to a profile and scores"),
        _K.YES_NO,
        _C,
        "profilingconsent profiling personalisation personalization 画像同意 同意画像 个性化推荐 同意个性化推荐",
        10,
    ),
    _target(
        "order_id",
        _("Order number"),
        _K.IDENTIFIER,
        _O,
        "orderid orderno ordernumber ordercode orderref order basketid basketno transactionid transactionno transid"
        " receiptid receiptno receipt invoiceid invoiceno invoice billno billid ticketid ticketno saleid salesid"
        " tradeno"
        " 订单号 订单编号 订单id 订单 单号 单据号 单据编号 小票号 小票编号 流水号 交易号 交易流水号 交易单号"
        " 销售单号 账单号 发票号"
        " 商户订单号",
        120,
    ),
    _target(
        "original_order_id",
        _("Order that a return belongs to"),
        _K.IDENTIFIER,
        _O,
        "originalorderid originalorderno originalorder returnedorder returnoforder sourceorder"
        " 原订单号 原单号 原小票号 退货原单 原始订单号",
        120,
    ),
    _target(
        "ordered_at",
        _("Date of the order"),
        _K.MOMENT,
        _O,
        "orderedat orderdate ordertime orderdatetime date datetime time timestamp transactiondate transactiontime"
        " transactiontimestamp purchasedate purchasedat purchasetime saledate salesdate saletime invoicedate createdat"
        " createdtime paidat paymenttime paydate occurredat"
        " 日期 时间 订单日期 订单时间 下单时间 下单日期 交易日期 交易时间 销售日期 销售时间 消费日期 消费时间"
        " 购买日期 购买时间"
        " 付款时间 支付时间 成交时间 开单日期 创建时间 订单创建时间 业务日期",
    ),
    _target(
        "ordered_time",
        _("Time of the order, in its own column"),
        _K.CLOCK,
        _O,
        "timeofday clock hour hourminute transtime 时刻 时分 时分秒 交易时刻 消费时刻",
    ),
    _target("currency", _("Currency"), _K.CURRENCY, _O, "currency currencycode 币种 货币 币别", 3),
    _target(
        "store",
        _("Store"),
        _K.IDENTIFIER,
        _O,
        "store storeid storeno storecode storename shop shopid shopcode branch branchid branchcode outlet location"
        " 门店 门店编号 门店号 门店代码 门店编码 门店名称 店铺 店铺编号 店铺名称 店号 分店 专柜 网点",
        64,
    ),
    _target(
        "channel",
        _("Channel"),
        _K.TEXT,
        _O,
        "channel saleschannel platform ordersource 渠道 销售渠道 平台 订单来源 来源渠道",
        20,
    ),
    _target(
        "staff",
        _("Staff number"),
        _K.IDENTIFIER,
        _O,
        "staff staffid staffno staffcode cashier cashierid salesperson clerk clerkid employeeid"
        " 店员 店员编号 导购 导购员 导购编号 营业员 营业员编号 收银员 工号 员工编号 业务员 销售员",
        64,
    ),
    _target(
        "payment",
        _("Payment method"),
        _K.TEXT,
        _O,
        "payment paymentmethod paymenttype paymethod tender 支付方式 付款方式 结算方式",
        60,
    ),
    _target(
        "net_amount",
        _("Amount paid"),
        _K.AMOUNT,
        _O,
        "amount netamount net total totalamount ordertotal orderamount linetotal lineamount linenet grandtotal"
        " salesvalue salesamount sales salevalue revenue paid paidamount amountpaid value subtotal spend monetary"
        " 金额 实付金额 实付 实收金额 实收 销售金额 销售额 订单金额 订单总额 成交金额 消费金额 支付金额 付款金额"
        " 总金额 总价 小计 合计"
        " 应付金额 净额 交易金额",
    ),
    _target(
        "discount_amount",
        _("Discount"),
        _K.AMOUNT,
        _O,
        "discount discountamount discounts rebate retaildisc coupondiscount 折扣 折扣金额 优惠 优惠金额 让利"
        " 让利金额 减免金额",
    ),
    _target(
        "cost_amount",
        _("Cost of the goods"),
        _K.AMOUNT,
        _O,
        "cost costamount totalcost cogs costofgoods linecost 成本 成本金额 总成本 销售成本",
    ),
    _target(
        "sku",
        _("Product number"),
        _K.IDENTIFIER,
        _L,
        "sku skuid skucode productid productno productcode product itemid itemno itemcode item upc ean barcode"
        " articleno"
        " article goodsid stockcode plu"
        " 商品编号 商品编码 商品代码 商品id 货号 款号 产品编号 产品编码 产品代码 条码 商品条码 sku编码 物料编码",
        80,
    ),
    _target(
        "product_name",
        _("Product name"),
        _K.TEXT,
        _L,
        "productname producttitle itemname productdescription description itemdescription title goodsname producttype"
        " 商品名称 商品 品名 产品名称 产品 货品名称 商品标题 宝贝标题 商品名",
    ),
    _target(
        "category",
        _("Category"),
        _K.TEXT,
        _L,
        "category productcategory department commodity itemgroup productgroup producttypename subcategory"
        " 品类 类别 分类 商品分类 商品类别 品类名称 大类 部门 产品类别",
        120,
    ),
    _target("brand", _("Brand"), _K.TEXT, _L, "brand brandname manufacturer 品牌 品牌名称 商品品牌", 120),
    _target(
        "quantity",
        _("Quantity"),
        _K.QUANTITY,
        _L,
        "quantity qty units unit pieces count pcs volume 数量 件数 销售数量 购买数量 个数 商品数量 订购数量",
    ),
    _target(
        "unit_price",
        _("Unit price"),
        _K.AMOUNT,
        _L,
        "unitprice price itemprice listprice retailprice sellingprice 单价 售价 零售价 价格 商品单价 销售单价"
        " 吊牌价 原价",
    ),
    _target("unit_cost", _("Unit cost"), _K.AMOUNT, _L, "unitcost costprice itemcost 成本价 单位成本 进价 进货价"),
)

BY_CODE: dict[str, Target] = {target.code: target for target in TARGETS}


def of_shape(shape: Shape) -> tuple[Target, ...]:
    """Return the targets offered for a shape of file."""
    return tuple(target for target in TARGETS if shape in target.shapes)


# Who, which order, when, how much: a doubtful cell of these refuses its row; of any other column it is left empty.
ESSENTIAL = frozenset(
    (
        "customer_id", "order_id", "original_order_id", "ordered_at", "ordered_time", "currency", "quantity",
        "unit_price", "discount_amount", "net_amount",
    )
)  # fmt: skip

# At least one of each group must be mapped before an import may start.
REQUIRED: dict[Shape, tuple[tuple[str, ...], ...]] = {
    Shape.CUSTOMERS: (("customer_id", "card", "phone", "email", "wechat_openid"),),
    Shape.ORDERS: (
        ("order_id",),
        ("customer_id", "card", "phone", "email"),
        ("ordered_at",),
        ("net_amount",),
    ),
    Shape.LINES: (
        ("order_id",),
        ("customer_id", "card", "phone", "email"),
        ("ordered_at",),
        ("net_amount", "unit_price"),
    ),
}


def missing(shape: Shape, mapped: set[str]) -> list[tuple[str, ...]]:
    """Return the groups of targets of which none is mapped."""
    return [group for group in REQUIRED[shape] if not mapped & set(group)]
